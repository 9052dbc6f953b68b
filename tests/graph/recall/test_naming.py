"""What a question names exactly is found, whatever else fits better; and when it asks about."""

from __future__ import annotations

import pytest

from mnemos_graph.index.comparing import Signal
from mnemos_graph.memory.recall.asking import Strategy
from mnemos_graph.memory.recall.recall import Hit
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.model import MemoryType
from tests.conformance.samples import day, memory
from tests.graph.recall.conftest import Bench

OF_ANN = ReadScope(user_id="ann")
BOTH = pytest.mark.parametrize("scope", [OF_ANN, ReadScope()], ids=["user", "organization"])
RIVALS = 40


async def keep_among_rivals(bench: Bench, text: str, question: str) -> None:
    """Keep ``text`` among many that say everything else of the question, and say it again."""
    await bench.keep(memory(text, created_at=day(1)))
    words = question.replace("?", "")
    rivals = [memory(f"{words} {words} {n} a", created_at=day(2 + n)) for n in range(RIVALS)]
    await bench.keep(*rivals)


def signals(hit: Hit) -> dict[Signal, int | None]:
    return {each.signal: each.rank for each in hit.explanation}


NAMED = [
    ("closed as SHOP-1841", "which ticket did we close about the slow cart", "SHOP-1841"),
    ("libvips 8.15.1 has no leak", "which version of the library leaks memory", "8.15.1"),
    ("the number is +47 912 34 567", "whose telephone number is this one", "+4791234567"),
    ("write to sand@kitchen.example", "who is to be written to", "sand@kitchen.example"),
    ("it is in shipping/calendar.py", "where is the function that drops hours", "calendar.py"),
    ("we paid 1,340 euros", "what did we pay for the month", "1340"),
    ("Pellegrini is away", "who of the clinic is on a holiday", "Pellegrini"),
]


@BOTH
@pytest.mark.parametrize("case", NAMED, ids=[each[2] for each in NAMED])
@pytest.mark.parametrize("limit", [1, 5])
async def test_an_exact_identifier_brings_the_memory_that_has_it(
    bench: Bench, scope: ReadScope, case: tuple[str, str, str], limit: int
) -> None:
    text, about, identifier = case
    await keep_among_rivals(bench, text, about)
    answer = await bench.ask(f"Well, {about}: {identifier}?", scope=scope, limit=limit)
    (hit,) = [hit for hit in answer.hits if hit.memory.text == text]
    assert signals(hit)[Signal.EXACT] == 1
    assert sum(each.score for each in hit.explanation) == pytest.approx(hit.score)
    assert [each.score for each in answer.hits] == sorted(
        (each.score for each in answer.hits), reverse=True
    )


@BOTH
@pytest.mark.parametrize("strategy", [Strategy.HYBRID, Strategy.TEXT])
async def test_a_quotation_brings_the_memory_that_has_it_word_for_word(
    bench: Bench, scope: ReadScope, strategy: Strategy
) -> None:
    await keep_among_rivals(bench, "She left 'The Salt Path' on the train.", "path salt the lost")
    answer = await bench.ask('Who lost "the salt path"?', scope=scope, limit=3, strategy=strategy)
    (hit,) = [hit for hit in answer.hits if "train" in hit.memory.text]
    assert signals(hit)[Signal.EXACT] == 1


async def test_each_thing_that_is_named_is_there_as_far_as_there_is_room(bench: Bench) -> None:
    for number in range(5):
        await keep_among_rivals(bench, f"ticket AB-{number}", f"which tickets {number} are open")
    question = "Which tickets are open: AB-0, AB-1, AB-2, AB-3 or AB-4?"
    found = await bench.texts(question, scope=OF_ANN, limit=5)
    assert sorted(found) == [f"ticket AB-{number}" for number in range(5)]


async def test_conditions_hold_for_what_is_named_too(bench: Bench) -> None:
    await bench.keep(memory("closed as SHOP-1841"), memory("a plan", type=MemoryType.CORE))
    core = MemoryQuery(types=[MemoryType.CORE])
    assert await bench.texts("SHOP-1841", scope=OF_ANN, query=core) == ["a plan"]
    elsewhere = ReadScope(user_id="bob")
    assert await bench.texts("Who said 'closed as SHOP-1841'?", scope=elsewhere) == []


async def test_what_is_no_longer_there_is_not_brought(bench: Bench) -> None:
    gone = memory("closed as SHOP-1841", valid_to=day(5))
    await bench.keep(gone, memory("a plan"))
    assert await bench.texts("SHOP-1841 'closed'", scope=OF_ANN) == ["a plan"]
    then = MemoryQuery(as_of=day(3))
    assert "closed as SHOP-1841" in await bench.texts("SHOP-1841", scope=OF_ANN, query=then)


@BOTH
async def test_a_time_in_the_question_favours_what_was_said_then(
    bench: Bench, scope: ReadScope
) -> None:
    await bench.keep(
        *(memory("we went for a walk", occurred_at=day(n), created_at=day(900)) for n in range(60))
    )
    asked = MemoryQuery(as_of=day(950))
    answer = await bench.ask("When in February 2026 was our walk?", scope=scope, query=asked)
    assert all(hit.memory.occurred_at.month == 2 for hit in answer.hits if hit.memory.occurred_at)
    assert signals(answer.hits[0])[Signal.TIME] == 1


async def test_relative_times_count_from_the_moment_that_is_asked_about(bench: Bench) -> None:
    await bench.keep(
        *(memory("we went for a walk", occurred_at=day(n), created_at=day(0)) for n in range(60))
    )
    for number in (10, 30):
        asked = MemoryQuery(as_of=day(number + 0.5))
        (hit,) = (await bench.ask("walk two days ago", scope=OF_ANN, query=asked, limit=1)).hits
        assert hit.memory.occurred_at == day(number - 2)


async def test_without_a_time_or_a_name_neither_takes_part(bench: Bench) -> None:
    await bench.keep(memory("we went for a walk"))
    (hit,) = (await bench.ask("Did we walk?", scope=OF_ANN)).hits
    assert not {Signal.TIME, Signal.EXACT} & signals(hit).keys()
