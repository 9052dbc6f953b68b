"""What is told later ends, corrects or stands beside what was told before."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from mnemos_graph.feed import Journal
from mnemos_graph.memory.facts.episodes import Episodes
from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.telling import Message, Telling
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.model import (
    Fact,
)
from mnemos_graph.store import Find, GraphStore
from tests.conformance.samples import ACME, ANN, day
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.telling import actions, known, tell, the


async def test_a_newer_value_ends_the_older_and_supersedes_its_memory(
    rememberer: Rememberer, store: GraphStore, memories: Memories, clock: Calendar
) -> None:
    clock.move(days=100)
    await tell(rememberer, "I live in Rome.", at=10)
    answer = await tell(rememberer, "I moved to Oslo.", at=20)
    assert actions(answer) == [("ADD", "Ann moved to Oslo"), ("UPDATE", "Ann live in Rome")]
    assert answer.decisions[1].reason == "it held until 2026-01-21"
    old, new = await the(store, "Ann live in Rome"), await the(store, "Ann moved to Oslo")
    assert (old.valid_to, old.superseded_by) == (day(20), new.id)
    assert new.valid_to is None
    assert await known(memories) == ["Ann moved to Oslo"]
    assert await known(memories, MemoryQuery(as_of=day(15))) == ["Ann live in Rome"]


async def test_an_older_truth_said_later_is_added_already_ended(
    rememberer: Rememberer, store: GraphStore, memories: Memories, clock: Calendar
) -> None:
    clock.move(days=100)
    await tell(rememberer, "I live in Oslo.", at=20)
    answer = await tell(rememberer, "I lived in Rome.", at=10)
    assert actions(answer) == [("ADD", "Ann lived in Rome")]
    old, new = await the(store, "Ann lived in Rome"), await the(store, "Ann live in Oslo")
    assert (old.valid_to, old.superseded_by) == (day(20), new.id)
    assert await known(memories) == ["Ann live in Oslo"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_what_holds_at_last_does_not_depend_on_the_order_of_telling(
    rememberer: Rememberer, memories: Memories, clock: Calendar, order: tuple[int, ...]
) -> None:
    clock.move(days=100)
    said = [("I live in Rome.", 10), ("I live in Oslo.", 20), ("I live in Rome.", 30)]
    for number in order:
        text, at = said[number]
        await tell(rememberer, text, at=at)
    assert await known(memories) == ["Ann live in Rome"]
    assert await known(memories, MemoryQuery(as_of=day(25))) == ["Ann live in Oslo"]
    assert await known(memories, MemoryQuery(as_of=day(15))) == ["Ann live in Rome"]


async def test_one_telling_can_correct_itself(
    rememberer: Rememberer, memories: Memories, clock: Calendar
) -> None:
    clock.move(days=100)
    messages = [
        Message(text="I live in Rome.", occurred_at=day(1)),
        Message(text="I like tea. I like tea.", occurred_at=day(2)),
        Message(text="I moved to Oslo.", occurred_at=day(3)),
    ]
    answer = await rememberer.remember(ACME, Telling(scope=ANN, messages=messages))
    assert [action for action, _ in actions(answer)] == ["ADD", "ADD", "NOOP", "ADD"]
    assert await known(memories) == ["Ann like tea", "Ann moved to Oslo"]


async def test_a_date_told_later_adds_to_what_is_believed(
    rememberer: Rememberer, store: GraphStore, memories: Memories
) -> None:
    await tell(rememberer, "I live in Rome.", at=0)
    await tell(rememberer, "I live in Rome since 2019.", at=1)
    (page,) = await store.find(ACME, [Find(Fact)])
    (fact,) = page.records
    assert (fact.valid_from, fact.valid_to) == (datetime(2019, 1, 1, tzinfo=UTC), None)
    assert await known(memories) == ["Ann live in Rome", "Ann live in Rome since 2019"]


async def test_what_was_so_for_a_while_ends_nothing_that_is_so_now(
    rememberer: Rememberer, memories: Memories
) -> None:
    await tell(rememberer, "I live in Oslo.", at=0)
    await tell(rememberer, "I lived in Rome from 2015 to 2020.", at=1)
    assert await known(memories) == ["Ann live in Oslo"]
    past = MemoryQuery(as_of=datetime(2018, 1, 1, tzinfo=UTC))
    assert await known(memories, past) == ["Ann lived in Rome from 2015 to 2020"]


async def test_what_is_said_to_have_stopped_ends_and_what_says_so_stands_for_it(
    rememberer: Rememberer, store: GraphStore, memories: Memories, clock: Calendar
) -> None:
    clock.move(days=100)
    await tell(rememberer, "I work at Acme.", at=10)
    answer = await tell(rememberer, "I no longer work at Acme.", at=20)
    assert actions(answer) == [
        ("ADD", "Ann no longer work at Acme"),
        ("UPDATE", "Ann work at Acme"),
    ]
    old, new = await the(store, "Ann work at Acme"), await the(store, "Ann no longer work at Acme")
    assert (old.valid_to, old.superseded_by) == (day(20), new.id)
    assert await known(memories) == ["Ann no longer work at Acme"]


async def test_taking_back_what_ended_something_lets_it_hold_again(
    rememberer: Rememberer, memories: Memories, journal: Journal, clock: Calendar
) -> None:
    clock.move(days=100)
    await tell(rememberer, "I live in Rome.", at=10)
    moved = await tell(rememberer, "I moved to Oslo.", at=20)
    await Episodes(journal, clock).retract(ACME, moved.episodes[0].id)
    assert await known(memories) == ["Ann live in Rome"]


async def test_several_values_of_a_relation_that_has_several_stand_side_by_side(
    rememberer: Rememberer, memories: Memories
) -> None:
    await tell(rememberer, "I like tea.")
    answer = await tell(rememberer, "I like coffee.")
    assert actions(answer) == [("ADD", "Ann like coffee")]
    assert await known(memories) == ["Ann like coffee", "Ann like tea"]
