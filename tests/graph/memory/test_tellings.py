"""The same things told in another order come to the same; told again, they change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemos_graph.feed import Journal
from mnemos_graph.memory.facts.book import Book
from mnemos_graph.memory.facts.episodes import Episodes
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.telling import Telling
from mnemos_graph.memory.scopes import ANYWHERE
from mnemos_graph.model import Fact, RecordId, Support
from mnemos_graph.store import ChangeSet, Find, GraphStore, Put
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, ANN, day, entity, episode, fact
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.rules import Rules

SUBJECT = entity("Ann")


class Said(NamedTuple):
    value: str
    on: int
    dated: bool = False


tellings = st.lists(
    st.builds(Said, st.sampled_from(["Rome", "Oslo"]), st.integers(0, 40), st.booleans()),
    min_size=1,
    max_size=7,
    unique_by=lambda said: said.on,
)


async def line_of(said: Sequence[Said], predicate: str) -> list[tuple[object, ...]]:
    """Return what a line comes to: value, since, until, and the days on which it was told."""
    store: GraphStore = MemoryStore()
    await store.commit(ACME, ChangeSet((Put(SUBJECT),)))
    days: dict[RecordId | None, int] = {}
    for value, on, dated in said:
        source = episode(f"{value} {on}", occurred_at=day(on))
        days[source.id] = on
        when = {"valid_from": day(on)} if dated else {"told_at": day(on)}
        book = Book(store, ACME, day(50))
        await book.tell(fact(SUBJECT, predicate, value, sources=(source.id,), **when))
        await store.commit(ACME, ChangeSet((Put(source), *await book.operations())))
    facts, supports = await store.find(ACME, [Find(Fact)]), await store.find(ACME, [Find(Support)])
    told = {each.id: [days[id_] for id_ in each.sources] for each in facts[0].records}
    for each in supports[0].records:
        told[each.supports].append(days[each.episode_id])
    return sorted(
        (f"{each.valid_from or ''}", each.value, f"{each.valid_to}", sorted(told[each.id]))
        for each in facts[0].records
    )


@settings(max_examples=100, deadline=None)
@given(tellings, st.randoms(use_true_random=False), st.sampled_from(["lives_in", "likes"]))
def test_any_order_of_the_same_tellings_gives_the_same_line(
    said: list[Said], random: object, predicate: str
) -> None:
    other = list(said)
    random.shuffle(other)  # type: ignore[attr-defined]
    assert asyncio.run(line_of(said, predicate)) == asyncio.run(line_of(other, predicate))


async def test_what_is_told_of_a_time_in_between_parts_what_was_told_before_and_after() -> None:
    told = [Said("Rome", 30), Said("Rome", 10), Said("Oslo", 20)]
    assert await line_of(told, "lives_in") == [
        ("", "Rome", f"{day(20)}", [10]),
        (f"{day(20)}", "Oslo", f"{day(30)}", [20]),
        (f"{day(30)}", "Rome", "None", [30]),
    ]


@pytest.fixture
def rememberer(journal: Journal, clock: Calendar) -> Rememberer:
    return Rememberer(journal, Jobs(journal, clock), clock, extractor=Rules())


async def tell(rememberer: Rememberer, text: str, at: float) -> RecordId:
    telling = Telling(scope=ANN, text=text, occurred_at=day(at))
    return (await rememberer.remember(ACME, telling)).episodes[0].id


async def now(memories: Memories) -> list[str]:
    return sorted(each.text for each in (await memories.list(ACME, ANYWHERE)).records)


@pytest.mark.parametrize("text", ["I live in Rome.", "The cellar is damp."])
async def test_what_is_told_again_is_logged_as_an_episode_and_nothing_else(
    rememberer: Rememberer, store: GraphStore, text: str
) -> None:
    await tell(rememberer, text, 0)
    before = len(await store.changes(ACME))
    for number in range(1, 6):
        await tell(rememberer, text, number)
    changes = (await store.changes(ACME))[before:]
    assert [each.subject_type.value for each in changes] == ["episode"] * 5


@pytest.mark.parametrize("text", ["I live in Rome.", "The cellar is damp."])
async def test_each_of_a_dozen_tellings_is_enough_by_itself(
    rememberer: Rememberer, journal: Journal, clock: Calendar, memories: Memories, text: str
) -> None:
    clock.move(days=100)
    *others, last = [await tell(rememberer, text, number) for number in range(12)]
    known = await now(memories)
    for each in others:
        await Episodes(journal, clock).retract(ACME, each)
        assert await now(memories) == known
    await Episodes(journal, clock).retract(ACME, last)
    assert await now(memories) == []
    (left,) = await journal.store.find(ACME, [Find(Support)])
    assert left.records == ()
