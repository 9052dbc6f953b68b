"""What is extracted without a model: counted over examples, and never at the mercy of a text."""

import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemos_graph.language.extractor import USER, CandidateEntity, Turn
from mnemos_graph.language.offline.extractor import OfflineExtractor, read
from mnemos_graph.model import MemoryType, MessageRole
from tests.graph.language.examples import TUNED, UNSEEN, Example
from tests.graph.language.scoring import (
    SAID,
    differences,
    score_facts,
    score_forgetting,
    score_memories,
)


@pytest.mark.parametrize("example", TUNED, ids=lambda example: example.text[:40])
def test_an_example_gives_what_a_careful_reader_would_keep(example: Example) -> None:
    assert differences(example) == []


def test_what_was_not_tuned_on_is_mostly_right() -> None:
    memories, facts = score_memories(UNSEEN), score_facts(UNSEEN)
    forgetting = score_forgetting(UNSEEN)
    sys.stdout.write(f"memories: {memories}\nfacts: {facts}\nforgetting: {forgetting}\n")
    assert min(memories.precision, facts.precision, forgetting.precision) >= 0.9
    assert min(memories.recall, facts.recall, forgetting.recall) >= 0.9


@pytest.mark.parametrize("role", [MessageRole.ASSISTANT, MessageRole.TOOL, MessageRole.SYSTEM])
@pytest.mark.parametrize("example", [each for each in TUNED if each.facts][:5])
def test_only_what_users_say_is_taken(example: Example, role: MessageRole) -> None:
    assert differences(replace(example, role=role, keeps=(), facts=(), forget=())) == []


@pytest.mark.parametrize("example", [each for each in TUNED if each.facts and each.speaker is None])
def test_a_speaker_with_a_name_is_the_subject(example: Example) -> None:
    turn = Turn(text=example.text, speaker="Zoë", occurred_at=SAID)
    subjects = {fact.subject.name for fact in read(turn).facts}
    assert subjects == {fact.subject.replace(USER, "Zoë") for fact in example.facts}


def test_the_users_own_name_stands_in_for_a_missing_speaker() -> None:
    found = read(Turn(text="I live in Graz.", user_name="Eva", occurred_at=SAID))
    assert found.facts[0].subject == CandidateEntity(name="Eva", kind="PERSON")
    assert found.memories[0].text == "Eva lives in Graz."


def test_memories_and_facts_of_one_sentence_share_its_words() -> None:
    found = read(Turn(text="Hi! I live in Graz. I have a dog named Rex.", occurred_at=SAID))
    assert [memory.quote for memory in found.memories] == [fact.quote for fact in found.facts]
    assert found.entities == (
        CandidateEntity(name=USER, kind="PERSON"),
        CandidateEntity(name="Graz", kind="PLACE"),
        CandidateEntity(name="Rex", kind="ANIMAL"),
    )


def test_what_happened_carries_its_date() -> None:
    turn = Turn(text="I met Tom yesterday.", speaker="Eva", occurred_at=SAID)
    (memory,) = read(turn).memories
    assert memory.text == "Eva met Tom yesterday (7 May 2023)."
    assert memory.type is MemoryType.EPISODIC
    assert memory.valid_from is not None
    assert memory.valid_from.isoformat() == "2023-05-07T00:00:00+00:00"
    assert memory.valid_to is None


def test_what_is_to_come_is_already_known() -> None:
    (memory,) = read(Turn(text="My flight leaves on 3 June.", occurred_at=SAID)).memories
    assert memory.valid_from is None


def test_what_the_user_asks_to_remember_weighs_more() -> None:
    plain, asked = (
        read(Turn(text=text, occurred_at=SAID)).memories[0]
        for text in ("The gate code is 4711 since May 2022.", "Remember that I met Tom.")
    )
    assert asked.importance > plain.importance


async def test_turns_are_answered_in_order() -> None:
    turns = [Turn(text=f"I'm {n} years old.", occurred_at=SAID) for n in range(1, 120)]
    found = await OfflineExtractor().extract(turns)
    assert [each.facts[0].value for each in found] == [str(n) for n in range(1, 120)]


HOSTILE = {
    "one word": "a" * 32_768,
    "dots": "." * 32_768,
    "dots and spaces": ". " * 16_384,
    "ticks": "`" * 32_768,
    "one line": "I live in Berlin and " * 1_560,
    "quotes": ('"I ' * 330 + "\n") * 32,
    "months": ("in May " * 140 + ".\n") * 32,
    "lists": ("I love " + "a, " * 320 + ". ") * 32,
    "clauses": ("I live in A and work at B " * 38 + "\n") * 32,
    "denials": ("not " * 245 + ". ") * 32,
    "dashes": ("I - " * 240 + "?\n") * 32,
    "greetings": ("hi there! " * 99 + "\n") * 32,
    "no longer": ("I " + "no longer " * 95 + "\n") * 32,
    "forgetting": ("forget " + "that " * 190 + ".\n") * 32,
    "addresses": ("reach me at " + "a@a." * 240 + " .\n") * 32,
    "figures": ("my phone number is " + "1 " * 480 + ".\n") * 32,
    "spaces": ("I" + " " * 900 + "x\n") * 34,
    "names": ("Anna Bob " * 110 + "\n") * 32,
    "pronouns": ("Anna met Bob and she is a nurse and he is a cook. " * 19 + "\n") * 34,
    "people": " ".join(f"Anna{chr(65 + n % 26)}{n} is a cook. She is ill." for n in range(1_000)),
    "corrections": ("I live in Rome. " + "no, wait, sorry, " * 55 + "it's Oslo, not Rome.\n") * 32,
    "families": ("I have two dogs, " + "Rex, " * 180 + "and Bo.\n") * 32,
    "couples": ("Anna and I " + "finally just recently " * 40 + "\n") * 34,
    "languages": ("Ich wohne in Köln und arbeite bei Ford und " * 21 + "\n") * 34,
    "things": ("I have a new old used big red " * 30 + "Saab.\n") * 34,
    "jobs": ("I was got been laid off from a job as a " * 22 + "\n") * 34,
    "emoji": "😂🎉 " * 8_000,
    "base64": "aGVsbG8gd29ybGQ" * 2_000,
    "json": '{"a": ["I live in Berlin", null]},' * 900,
}


@pytest.mark.timeout(10)  # about half a second; what is quadratic takes longer
@pytest.mark.parametrize("name", HOSTILE)
def test_the_largest_text_takes_bounded_work(name: str) -> None:
    text = HOSTILE[name][:32_768]
    found = read(Turn(text=text, occurred_at=SAID))
    assert all(len(memory.text) < 20_000 for memory in found.memories)


FRAGMENTS = st.sampled_from(
    [
        *("I ", "my ", "live in ", "work at ", "is ", "am ", "not ", "no longer ", "Anna ", "May "),
        *(
            "forget ",
            "that ",
            "and ",
            ", ",
            ". ",
            "? ",
            "'",
            '"',
            "31 ",
            "February ",
            "2023 ",
            "\n",
        ),
        *(
            "sister ",
            "name ",
            "favourite ",
            "since ",
            "from ",
            "to ",
            "ago ",
            "last ",
            "in ",
            "’s ",
        ),
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(FRAGMENTS, st.text(max_size=5)), max_size=40))
def test_no_text_breaks_it(pieces: list[str]) -> None:
    found = read(Turn(text="".join(pieces), occurred_at=SAID))
    for fact in found.facts:
        assert (fact.object is None) != (fact.value is None)
        assert fact.predicate == fact.predicate.lower().replace(" ", "_")
        assert fact.subject in found.entities
        assert fact.statement
    assert all(memory.text.strip() for memory in found.memories)
    assert all(entity.name.strip() for entity in found.entities)


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_script_is_read(text: str) -> None:
    read(Turn(text=text, occurred_at=SAID))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("I live in Oslo and work at Acme.", ["Eva lives in Oslo", "Eva works at Acme."]),
        ("I live in Oslo, but I work at Acme.", ["Eva lives in Oslo", "Eva works at Acme."]),
        ("Anna lives in Oslo and works at Acme.", ["Anna lives in Oslo", "Anna works at Acme."]),
        ("I work at Acme as a nurse.", ["Eva works at Acme as a nurse."]),
        (
            "I live in Oslo with my dog Rex and my cat Milo.",
            ["Eva lives in Oslo with Eva's dog Rex and Eva's cat Milo."],
        ),
    ],
)
def test_what_ends_at_different_times_is_a_memory_each(said: str, kept: list[str]) -> None:
    found = read(Turn(text=said, user_name="Eva", occurred_at=SAID))
    assert [each.text for each in found.memories] == kept
    assert {each.quote for each in found.facts} == {each.quote for each in found.memories}
