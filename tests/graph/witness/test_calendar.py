"""When what a group of records answers changes by itself."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mnemos_graph.cache.questions import Group
from mnemos_graph.model import SHARED, Memory, RecordKind
from mnemos_graph.store import ChangeSet, Put
from mnemos_graph.witness.calendar import MOST_AHEAD, MOST_TOUCHED, Calendar
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, memory

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


async def put(store: MemoryStore, *records: Memory) -> None:
    await store.commit(ACME, ChangeSet(tuple(map(Put, records))))


@pytest.fixture
async def store() -> MemoryStore:
    opened = MemoryStore()
    await put(
        opened,
        replace(memory("ends"), valid_to=at(30)),
        replace(memory("begins"), valid_from=at(20)),
        replace(memory("expires"), expires_at=at(10)),
        replace(memory("expired"), expires_at=at(-1)),
        memory("stays"),
    )
    return opened


@pytest.fixture
def calendar() -> Calendar:
    return Calendar(ACME.organization, Group(RecordKind.MEMORY, memory().partition))


async def test_each_instant_ahead_is_told_in_its_turn(
    store: MemoryStore, calendar: Calendar
) -> None:
    assert [await calendar.next(store, at(each)) for each in (0, 10, 20, 30)] == [
        at(10),
        at(20),
        at(30),
        None,
    ]


async def test_of_another_partition_it_knows_nothing(store: MemoryStore) -> None:
    assert (
        await Calendar(ACME.organization, Group(RecordKind.MEMORY, SHARED)).next(store, NOW) is None
    )
    whole = Calendar(ACME.organization, Group(RecordKind.MEMORY, None))
    assert await whole.next(store, NOW) == at(10)


async def test_an_instant_before_what_was_read_is_read_again(
    store: MemoryStore, calendar: Calendar
) -> None:
    assert await calendar.next(store, at(15)) == at(20)
    assert await calendar.next(store, at(5)) == at(10)


async def test_what_has_changed_is_told_as_it_is_now(
    store: MemoryStore, calendar: Calendar
) -> None:
    assert await calendar.next(store, NOW) == at(10)
    new = replace(memory("soon"), expires_at=at(2))
    await put(store, new)
    calendar.touched.add(new.id)
    assert await calendar.next(store, NOW) == at(2)
    await put(store, replace(new, expires_at=None, version=2))
    calendar.touched.add(new.id)
    assert await calendar.next(store, NOW) == at(10)


async def test_of_more_than_are_read_at_a_time_none_is_passed_over(calendar: Calendar) -> None:
    store, minutes = MemoryStore(), list(range(1, 3 * MOST_AHEAD))
    random.Random(5).shuffle(minutes)
    await put(store, *(replace(memory(f"{each}"), expires_at=at(each)) for each in minutes))
    told, now = [], NOW
    while (then := await calendar.next(store, now)) is not None:
        told.append(then)
        now = then
    assert told == [at(each) for each in sorted(minutes)]


async def test_much_that_has_changed_is_read_as_a_whole(
    store: MemoryStore, calendar: Calendar
) -> None:
    await calendar.next(store, NOW)
    many = [replace(memory(f"{each}"), expires_at=at(each)) for each in range(3, MOST_TOUCHED + 9)]
    await put(store, *many)
    calendar.touched.update(each.id for each in many)
    assert await calendar.next(store, NOW) == at(3)


async def test_what_is_known_need_not_be_read(store: MemoryStore, calendar: Calendar) -> None:
    assert await calendar.next(store, NOW) == at(10)
    new = replace(memory("soon"), expires_at=at(2))
    calendar.know(new.id, new)
    assert (await calendar.next(store, NOW), calendar.touched) == (at(2), set())
    calendar.know(new.id, None)
    assert await calendar.next(store, NOW) == at(10)


async def test_what_comes_to_be_known_during_a_reading_is_read_again(
    store: MemoryStore, calendar: Calendar
) -> None:
    new = replace(memory("soon"), expires_at=at(2))
    async with calendar._reading:
        calendar.know(new.id, new)
    assert calendar.touched == {new.id}
