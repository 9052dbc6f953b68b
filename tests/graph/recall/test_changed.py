"""A model that was told before is told only what changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemos_graph.errors import BadInput
from mnemos_graph.feed import Feed, Journal, LocalBus
from mnemos_graph.index.shelf import Shelf
from mnemos_graph.memory.context import changed
from mnemos_graph.memory.context.asking import Composed, ContextQuestion
from mnemos_graph.memory.context.context import Composer
from mnemos_graph.memory.context.writing import ContextFormat
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.model import Memory, Position, RecordKind
from mnemos_graph.store import Delete, Erase, GraphStore, Put
from tests.conformance.samples import ACME, BOB, block, day, entity, fact, memory
from tests.graph.recall.conftest import GENERATION, Bench
from tests.graph.recall.test_context import Words
from tests.graph.stores import EVERY_STORE

OF_ANN = ReadScope(user_id="ann")


@pytest.fixture
async def bench(store: GraphStore) -> AsyncIterator[Bench]:
    bus = LocalBus()
    async with Feed(store, bus) as feed, Shelf(store, GENERATION) as shelf:
        yield Bench(store, Journal(store, bus), feed, shelf)  # type: ignore[arg-type]


async def since(bench: Bench, position: Position, text: str = "tea", **given: Any) -> Composed:
    composer = Composer(bench.store, bench.recall, Words(), lambda: day(1_000))
    question = ContextQuestion(text=text, scope=OF_ANN, since=position, **given)
    return await composer.compose(ACME, question)


@EVERY_STORE
async def test_only_what_changed_is_told(bench: Bench) -> None:
    ann = entity("Ann")
    lives = fact(ann, "lives_in", "Lisbon", statement="Ann lives in Lisbon")
    old, gone = memory("tea is in the kitchen"), memory("the boat is red")
    persona = block("persona", "Be kind.")
    before = await bench.keep(
        ann, lives, old, gone, persona, fact(ann, "likes", "tea"), block("other", "Stays.")
    )
    porto = fact(ann, "lives_in", "Porto", statement="Ann lives in Porto", valid_from=day(9))
    await bench.keep(
        porto,
        replace(lives, version=2, valid_to=day(9), closed_by=porto.id),
        memory("a new kettle", speaker="Ann", occurred_at=day(9)),
        memory("his secret", scope=BOB),
        replace(persona, version=2, value="Be brief."),
    )
    await bench.commit(Delete(RecordKind.MEMORY, gone.id, 1))
    told = await since(bench, before, form=ContextFormat.MARKDOWN)
    day_of_deletion = told.text.rsplit(" ", 1)[1]
    assert told.text == (
        "## Core memory\n### persona\n> Be brief.\n"
        "## Facts\n- Ann lives in Porto (since 2026-01-10)\n"
        "## No longer so\n- Ann lives in Lisbon (until 2026-01-10)\n"
        "## Memories\n### 2026-01-10\n- Ann: a new kettle\n"
        f"## Forgotten\n- memory {gone.id} was deleted on {day_of_deletion}"
    )
    assert [hit.memory.text for hit in told.hits] == ["a new kettle"]
    assert (await since(bench, told.position)).text == ""


async def test_what_changed_and_changed_back_is_no_news(bench: Bench) -> None:
    kettle = memory("a kettle")
    before = await bench.keep(kettle)
    await bench.keep(replace(kettle, version=2, text="a pot"))
    await bench.keep(replace(kettle, version=3, text="a kettle"))
    brief = memory("a cup")
    await bench.keep(brief)
    await bench.commit(Delete(RecordKind.MEMORY, brief.id, 1))
    assert (await since(bench, before)).text == ""


async def test_what_only_moved_in_importance_is_no_news(bench: Bench) -> None:
    kettle = memory("a kettle")
    before = await bench.keep(kettle)
    await bench.keep(replace(kettle, version=2, importance=0.9))
    assert (await since(bench, before)).text == ""


async def test_a_memory_that_ended_and_a_fact_that_never_was_are_told_as_such(
    bench: Bench,
) -> None:
    ann = entity("Ann")
    wrong = fact(ann, "likes", "milk", statement="Ann likes milk")
    course = memory("Ann takes a course")
    before = await bench.keep(ann, wrong, course)
    await bench.keep(
        replace(wrong, version=2, invalidated_at=day(3)),
        replace(course, version=2, valid_to=day(4)),
    )
    told = await since(bench, before)
    assert told.text == (
        "## No longer so\n- Ann likes milk (was never so)\n"
        "- Ann takes a course (until 2026-01-05)\n"
    )
    assert [each.statement for each in told.facts] == ["Ann likes milk"]


async def test_what_was_erased_is_told_without_a_name(bench: Bench) -> None:
    secret = memory("the secret")
    before = await bench.keep(secret, memory("tea"))
    await bench.commit(Erase(RecordKind.MEMORY, secret.id))
    told = await since(bench, before)
    assert told.text == "## Forgotten\n- 1 record erased for good\n"
    assert secret.id not in told.text


async def test_the_most_relevant_of_the_new_comes_before_the_rest_of_it(bench: Bench) -> None:
    before = await bench.keep(memory("tea of before"))
    await bench.keep(*(memory(f"boat number {n}", occurred_at=day(n)) for n in range(30)))
    await bench.keep(memory("tea in the red kettle", occurred_at=day(2)))
    told = await since(bench, before, "red kettle", token_budget=40)
    assert told.hits[0].memory.text == "tea in the red kettle"
    assert told.tokens <= 40
    assert told.omitted == 31 - len(told.hits)


async def test_a_filter_holds_for_what_changed_too(bench: Bench) -> None:
    before = await bench.keep(memory("tea"))
    await bench.keep(memory("kettle", tags=("kitchen",)), memory("boat"))
    told = await since(bench, before, query=MemoryQuery(tags=("kitchen",)))
    assert [hit.memory.text for hit in told.hits] == ["kettle"]


async def test_a_long_log_is_told_in_parts_that_go_on_where_the_last_one_ended(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changed, "PAGE", 3)
    monkeypatch.setattr(changed, "MOST_CHANGES", 5)
    position = await bench.keep(memory("before"))
    for n in range(14):
        await bench.keep(memory(f"boat number {n}"))
    found = list[str]()
    for _ in range(4):
        told = await since(bench, position, token_budget=1_000)
        found += sorted(hit.memory.text for hit in told.hits)
        position = told.position
    assert sorted(found) == sorted(f"boat number {n}" for n in range(14))
    assert position == (await bench.store.heads([ACME]))[0].position


async def test_what_changed_until_now_is_not_asked_as_of_the_past(bench: Bench) -> None:
    with pytest.raises(BadInput, match="knownAt"):
        await since(bench, Position(0), query=MemoryQuery(known_at=day(1)))


@pytest.mark.parametrize("store", ["reference"], indirect=True)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["put", "change", "delete"]), st.integers(0, 4)), max_size=12
    ),
    cut=st.integers(0, 11),
    budget=st.integers(0, 200),
)
async def test_news_are_the_difference_between_two_moments(
    bench: Bench, steps: list[tuple[str, int]], cut: int, budget: int
) -> None:
    live: dict[int, Memory] = {}
    before: dict[int, Memory] = {}
    (head,) = await bench.store.heads([ACME])
    position = head.position
    for number, (what, slot) in enumerate(steps):
        if number == cut:
            before, position = dict(live), (await bench.store.heads([ACME]))[0].position
        held = live.get(slot)
        if what == "put" and held is None:
            live[slot] = memory(f"tea {slot}", metadata={"slot": slot})
            await bench.commit(Put(live[slot]))
        elif what == "change" and held is not None:
            live[slot] = replace(held, version=held.version + 1, text=f"tea {slot} at {number}")
            await bench.commit(Put(live[slot]))
        elif what == "delete" and held is not None:
            del live[slot]
            await bench.commit(Delete(RecordKind.MEMORY, held.id, held.version))
    if cut >= len(steps):
        before, position = dict(live), (await bench.store.heads([ACME]))[0].position
    told = await since(bench, position, token_budget=2_000)
    new = {each.text for slot, each in live.items() if before.get(slot) != each}
    assert {hit.memory.text for hit in told.hits} == new
    gone = [
        each.id for slot, each in before.items() if slot not in live or live[slot].id != each.id
    ]
    assert all(id_ in told.text for id_ in gone)
    assert (await since(bench, position, token_budget=budget)).tokens <= budget
    for each in live.values():
        await bench.commit(Delete(RecordKind.MEMORY, each.id, each.version))
