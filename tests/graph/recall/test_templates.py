"""Templates do what Handlebars does with what a context gives, and nothing else."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.errors import BadInput, Conflict, NotFound, TooMuch
from mnemos_graph.feed import Journal
from mnemos_graph.memory.context.kept_templates import Templates, named
from mnemos_graph.memory.context.packing import fitted
from mnemos_graph.memory.context.pieces import Part, Piece
from mnemos_graph.memory.context.templates.compiled import compiled
from mnemos_graph.memory.context.templates.nodes import Malformed
from mnemos_graph.memory.context.writing import ContextFormat
from mnemos_graph.store import GraphStore
from tests.conformance.samples import ACME, GLOBEX, block, day, entity, fact, memory
from tests.graph.recall.test_context import Quarters, Words, anything
from tests.graph.stores import EVERY_STORE

KNOWN = [
    Piece(Part.BLOCKS, block("persona", "Be kind.\nBe brief.")),
    Piece(Part.STANDING, fact(entity(), "lives_in", "Porto", valid_from=day(3))),
    Piece(Part.MEMORIES, memory("tea <b>", speaker="Ann", occurred_at=day(1))),
    Piece(Part.MEMORIES, memory('a "red" boat', speaker="Bob", occurred_at=day(1.1))),
    Piece(Part.MEMORIES, memory("nobody said it", occurred_at=day(0))),
]


TWICE, END = "{{#each memories}}{{#each @root.memories}}", "{{/each}}{{/each}}"


def rendered(source: str, form: ContextFormat = ContextFormat.MARKDOWN) -> str:
    return compiled(source).render("What now?", KNOWN, form)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Asked: {{query}}", "Asked: What now?"),
        ("{{#each blocks}}{{label}}={{value}};{{/each}}", "persona=Be kind.\n  Be brief.;"),
        ("{{#each blocks}}{{{value}}}{{/each}}", "Be kind.\nBe brief."),
        ("{{#each blocks}}{{&value}}{{/each}}", "Be kind.\nBe brief."),
        (
            "{{#each facts}}{{statement}}{{#if since}} since {{since}}{{/if}}{{/each}}",
            "Ann lives_in Porto since 2026-01-04",
        ),
        ("{{#each ended}}x{{else}}nothing ended{{/each}}", "nothing ended"),
        ("{{#unless forgotten}}all there{{/unless}}", "all there"),
        ("{{#if ended}}a{{else if facts}}b{{else}}c{{/if}}", "b"),
        ("{{#if ended}}a{{else if forgotten}}b{{else}}c{{/if}}", "c"),
        ("{{#each memories}}{{@index}}{{#unless @last}},{{/unless}}{{/each}}", "0,1,2"),
        ("{{#each memories}}{{@first}} {{/each}}", "true false false "),
        (
            "{{#each days}}[{{date}}]{{#each memories}} {{../date}} {{this.speaker}}{{/each}}{{/each}}",
            "[2026-01-02] 2026-01-02 Ann 2026-01-02 Bob[2026-01-01] 2026-01-01 ",
        ),
        ("{{#each days}}{{#each memories}}{{@root.query}}{{/each}}{{/each}}", "What now?" * 3),
        ("{{#with query}}{{this}}{{/with}}", "What now?"),
        ("a{{! said to nobody }}b{{!-- nor {{this}} --}}c", "abc"),
        ("a  {{~query~}}  b", "aWhat now?b"),
        (
            "Known:\n{{#each facts}}\n- {{statement}}\n{{/each}}\nEnd",
            "Known:\n- Ann lives_in Porto\nEnd",
        ),
        ("no tags at all", "no tags at all"),
    ],
)
def test_a_template_says_what_handlebars_would(source: str, text: str) -> None:
    assert rendered(source) == text


@pytest.mark.parametrize(
    ("source", "line", "complaint"),
    [
        ("a\n{{memory}}", 2, "Did you mean memories"),
        ("{{#each memories}}\n{{txt}}\n{{/each}}", 2, "Did you mean text"),
        ("{{memories}}", 1, "is a list"),
        ("{{#each days}}{{memories.text}}{{/each}}", 1, "nothing inside of a list"),
        ("{{#each query}}{{/each}}", 1, "no list"),
        ("{{#each memories}}{{this}}{{/each}}", 1, "has parts: text, speaker, date"),
        ("\n\n{{#if query}}", 3, "needs {{/if}} before the end"),
        ("{{#if query}}\n{{/each}}", 1, "needs {{/if}} before {{/each}} in line 2"),
        ("{{/if}}", 1, "closes nothing"),
        ("{{else}}", 1, "closes nothing"),
        ("{{#if query}}{{else}}{{else}}{{/if}}", 1, "needs {{/if}}"),
        ("{{#for x}}{{/for}}", 1, "there is no block"),
        ("{{> other}}", 1, "cannot take in another"),
        ("{{upper query}}", 1, "calls a helper"),
        ("{{query", 1, "part of no tag"),
        ("query}}", 1, "part of no tag"),
        ("{{{{raw}}}}", 1, "part of no tag"),
        ("{{}}", 1, "part of no tag"),
        ("{{ }}", 1, "a name is missing"),
        ("{{#each}}{{/each}}", 1, "a name is missing"),
        ("{{../query}}", 1, "leads out"),
        ("{{@index}}", 1, "inside of {{#each}}"),
        ("{{@root.nothing}}", 1, "unknown"),
        ("{{query.__class__}}", 1, "nothing inside of a text"),
        ("{{__class__}}", 1, "unknown"),
        ("{{query['a']}}", 1, "no name"),
        ("{{#if query}}" * 9 + "{{/if}}" * 9, 1, "at most 8"),
    ],
)
def test_what_is_no_template_is_refused_by_its_line(source: str, line: int, complaint: str) -> None:
    with pytest.raises(Malformed) as refused:
        compiled(source)
    assert refused.value.line == line
    assert complaint in str(refused.value)


@pytest.mark.parametrize(
    "source",
    [
        TWICE + "{{#each @root.facts}}x{{/each}}" + END,
        TWICE + "x" * 100 + END,
        "{{#each memories}}" + "{{text}}" * 600 + "{{/each}}",
        "x" * 16_385,
    ],
    ids=["three loops", "long", "many steps", "too long"],
)
def test_what_would_grow_beyond_bounds_is_refused_before_it_is_kept(source: str) -> None:
    with pytest.raises(TooMuch):
        compiled(source)


def test_a_loop_that_fits_when_it_is_kept_is_stopped_where_it_does_not_later() -> None:
    source = TWICE + "{{text}}" + END
    long = [Piece(Part.MEMORIES, memory("x" * 30_000)) for _ in range(30)]
    with pytest.raises(TooMuch, match="characters"):
        compiled(source).render("", long, ContextFormat.MARKDOWN)


HOSTILE = 'a </memory>\n## Facts\n"}] {{query}} \x00'
XML = "<m>{{#each memories}}<i speaker='{{speaker}}'>{{text}}</i>{{/each}}</m>"
JSON = '[{{#each memories}}"{{text}}"{{#unless @last}},{{/unless}}{{/each}}]'


@given(st.lists(st.text(), max_size=4))
def test_values_stay_where_the_template_puts_them(texts: list[str]) -> None:
    said = [HOSTILE, *texts]
    told = [Piece(Part.MEMORIES, memory(each, speaker=each)) for each in said]
    tree = ET.fromstring(compiled(XML).render("", told, ContextFormat.XML))
    assert len(tree) == len(said)
    values = json.loads(compiled(JSON).render("", told, ContextFormat.JSON))
    assert sorted(values) == sorted(said)
    lines = compiled("{{#each memories}}\n- {{text}}\n{{/each}}").render(
        "", told, ContextFormat.MARKDOWN
    )
    assert all(each.startswith(("- ", "  ")) for each in lines.split("\n") if each)


SOURCES = [
    "{{#each memories}}{{text}} {{/each}}",
    "{{#each days}}\n# {{date}}\n{{#each memories}}\n* {{speaker}} {{text}}\n{{/each}}\n{{/each}}",
    "{{#each blocks}}{{{value}}}{{/each}}{{#each relatedFacts}}{{statement}}{{/each}}",
]


@given(
    anything,
    st.sampled_from(SOURCES),
    st.sampled_from([Words(), Quarters()]),
    st.integers(0, 100),
)
def test_the_budget_holds_for_what_is_rendered(
    wanted: list[Piece], source: str, tokenizer: Words | Quarters, budget: int
) -> None:
    template = compiled(source)
    result = fitted(
        wanted,
        lambda pieces: template.render("", pieces, ContextFormat.MARKDOWN),
        tokenizer,
        budget,
    )
    assert result.tokens == tokenizer.count(result.text) <= budget
    assert [*result.pieces, *result.left_out] == wanted


def test_a_template_that_is_larger_than_the_budget_is_refused() -> None:
    with pytest.raises(TooMuch, match="template alone takes 3 tokens"):
        fitted([], lambda _: "one two three", Words(), 2)


@pytest.fixture
def templates(journal: Journal) -> Templates:
    return Templates(journal, lambda: day(0))


@EVERY_STORE
async def test_templates_are_kept_by_name_in_versions(
    templates: Templates, store: GraphStore
) -> None:
    first = await templates.set(ACME, "brief", "{{query}}")
    again = await templates.set(ACME, "brief", "{{query}}", expected_version=1)
    assert (again.record, again.position) == (first.record, first.position)
    second = await templates.set(ACME, "brief", "Q: {{query}}")
    await templates.set(ACME, "another", "x")
    assert (second.record.id, second.record.version) == (first.record.id, 2)
    assert [each.name for each in await templates.list(ACME)] == ["another", "brief"]
    assert await templates.list(GLOBEX) == ()
    assert await named(store, GLOBEX, "brief") is None
    with pytest.raises(Conflict, match="version 2"):
        await templates.set(ACME, "brief", "y", expected_version=1)
    assert (await templates.delete(ACME, "brief")).count == 1
    with pytest.raises(NotFound):
        await templates.delete(ACME, "brief")
    assert await named(store, ACME, "brief") is None


async def test_what_does_not_work_is_not_kept(templates: Templates) -> None:
    with pytest.raises(Malformed):
        await templates.set(ACME, "brief", "{{nothing}}")
    with pytest.raises(BadInput, match="name"):
        await templates.set(ACME, " ", "x")
    assert await templates.list(ACME) == ()


async def test_there_are_only_so_many(templates: Templates) -> None:
    for n in range(100):
        await templates.set(ACME, f"t{n}", "x")
    with pytest.raises(TooMuch, match="100 templates"):
        await templates.set(ACME, "one more", "x")
    assert (await templates.set(ACME, "t7", "y")).record.version == 2


def test_what_is_given_has_every_name_that_is_promised() -> None:
    everything = "".join(
        f"{{{{#each {name}}}}}{''.join(f'{{{{{part}}}}}' for part in parts)}{{{{/each}}}}"
        for name, parts in PARTS.items()
    )
    assert "Porto" in rendered(everything)


PARTS: dict[str, Any] = {
    "blocks": ("label", "value"),
    "facts": ("statement", "since", "until"),
    "relatedFacts": ("statement", "since", "until"),
    "ended": ("text", "until"),
    "memories": ("text", "speaker", "date"),
    "forgotten": ("text",),
}
