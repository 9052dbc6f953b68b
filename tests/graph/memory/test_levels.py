"""Memories move up by use and importance, and down without: by rule, by the clock, never pinned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.feed import Journal
from mnemos_graph.memory.kinds.levels import FADES, Levels, Verdict
from mnemos_graph.memory.kinds.uses import HALF_LIFE, MOST_NOTED, Use, Uses, read
from mnemos_graph.memory.leveling import MOST_AT_ONCE, Leveling
from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.model import (
    Memory,
    MemoryLevel,
    MemoryType,
    OrganizationId,
    Origin,
    RecordId,
)
from mnemos_graph.store import ChangeSet, Delete, GraphStore, Put
from tests.conformance.samples import ACME, EPOCH, GLOBEX, day, memory
from tests.graph.memory.conftest import Calendar
from tests.graph.stores import EVERY_STORE

UNUSED = Levels(unused=timedelta(days=400))
CONTEXTUAL, OPERATIONAL = MemoryLevel.CONTEXTUAL, MemoryLevel.OPERATIONAL
TACTICAL, STRATEGIC = MemoryLevel.TACTICAL, MemoryLevel.STRATEGIC


class House:
    """Levels over a store, walked through when a test says so."""

    def __init__(self, journal: Journal, clock: Calendar) -> None:
        self.store = journal.store
        self.uses = Uses(journal.store, clock)
        self._journal, self._clock = journal, clock

    async def keep(self, *memories: Memory) -> None:
        await self._journal.commit(ACME, ChangeSet(tuple(map(Put, memories))))

    async def look(self, levels: Levels = UNUSED) -> int:
        """Look as a process does that has just been started."""
        leveling = Leveling(self._journal, self.store, self._clock, self._organizations, levels)
        return await leveling.look()

    async def level(self, kept: Memory) -> MemoryLevel | None:
        found = (await self.store.get(ACME, Memory, [kept.id])).get(kept.id)
        return found.level if found else None

    async def _organizations(self) -> list[OrganizationId]:
        return [ACME.organization]


@pytest.fixture
def house(journal: Journal, clock: Calendar) -> House:
    return House(journal, clock)


@pytest.mark.parametrize(
    ("level", "uses", "importance", "wanted"),
    [
        (CONTEXTUAL, 3, 0.4, OPERATIONAL),
        (OPERATIONAL, 8, 0.6, TACTICAL),
        (TACTICAL, 20, 0.8, STRATEGIC),
        (STRATEGIC, 1_000, 1.0, None),
        (OPERATIONAL, 7.9, 1.0, None),
        (OPERATIONAL, 1_000, 0.59, None),
    ],
)
def test_what_is_used_often_and_matters_rises_one_level(
    level: MemoryLevel, uses: float, importance: float, wanted: MemoryLevel | None
) -> None:
    found = UNUSED.verdict(memory(level=level, importance=importance), Use(uses, EPOCH), EPOCH)
    assert (found.level if found else None) is wanted


@pytest.mark.parametrize(
    ("level", "days", "wanted"),
    [
        (OPERATIONAL, 179, None),
        (OPERATIONAL, 181, CONTEXTUAL),
        (TACTICAL, 361, OPERATIONAL),
        (STRATEGIC, 539, None),
        (STRATEGIC, 541, TACTICAL),
    ],
)
def test_what_is_not_used_sinks_the_later_the_farther_it_reaches(
    level: MemoryLevel, days: int, wanted: MemoryLevel | None
) -> None:
    found = UNUSED.verdict(memory(level=level, importance=0.5), None, day(days))
    assert (found.level if found else None) is wanted
    recently = Use(1, day(days - 1))
    assert UNUSED.verdict(memory(level=level, importance=0.5), recently, day(days)) is None


def test_only_what_was_told_and_has_sunk_is_forgotten_and_only_where_that_is_wanted() -> None:
    told = memory(level=CONTEXTUAL, origin=Origin.INFERRED)
    assert UNUSED.verdict(told, None, day(401)) == Verdict(None, "unused for 401 days")
    assert UNUSED.verdict(told, None, day(399)) is None
    assert Levels().verdict(told, None, day(9_999)) is None
    for other in (
        replace(told, origin=Origin.WRITTEN),
        replace(told, type=MemoryType.PROCEDURAL),
        replace(told, pinned=True),
    ):
        assert UNUSED.verdict(other, None, day(9_999)) is None


@given(
    st.sampled_from(MemoryLevel),
    st.floats(0, 1),
    st.floats(0, 1_000),
    st.integers(0, 10_000),
    st.sampled_from(Origin),
)
def test_what_is_pinned_never_sinks_and_is_never_forgotten(
    level: MemoryLevel, importance: float, uses: float, days: int, origin: Origin
) -> None:
    pinned = memory(level=level, importance=importance, origin=origin, pinned=True)
    found = UNUSED.verdict(pinned, Use(uses, EPOCH), day(days))
    order = list(MemoryLevel)
    assert found is None or (found.level and order.index(found.level) < order.index(level))


@given(st.sampled_from(MemoryLevel), st.floats(0, 1), st.floats(0, 100), st.integers(0, 2_000))
def test_nothing_goes_up_and_down_at_the_same_moment(
    level: MemoryLevel, importance: float, uses: float, days: int
) -> None:
    before, use, now = memory(level=level, importance=importance), Use(uses, EPOCH), day(days)
    found = Levels().verdict(before, use, now)
    if found and found.level:
        after = replace(before, level=found.level, updated_at=now)
        again = Levels().verdict(after, use, now)
        assert again is None or again.level is not level


def test_a_use_counts_half_after_its_half_life() -> None:
    use = Use(8, EPOCH)
    assert use.at(EPOCH + HALF_LIFE) == 4
    assert use.more(1, EPOCH + HALF_LIFE) == Use(5, EPOCH + HALF_LIFE)
    assert use.at(EPOCH - FADES) == 8


@EVERY_STORE
async def test_what_is_noted_is_added_to_what_was_used_before(
    house: House, clock: Calendar
) -> None:
    kept, other = memory(), memory()
    await house.keep(kept, other)
    for count in (2, 3):
        house.uses.note(ACME.organization, [kept] * count)
        await house.uses.write()
    found = await read(house.store, ACME, [kept.id, other.id])
    assert found == {kept.id: Use(5, clock())}


async def test_uses_are_written_at_the_end_and_make_no_version(house: House) -> None:
    kept = memory()
    await house.keep(kept)
    async with house.uses:
        house.uses.note(ACME.organization, [kept])
    assert (await read(house.store, ACME, [kept.id]))[kept.id].strength == 1
    (head,) = await house.store.heads([ACME])
    assert head.position == 1


async def test_a_use_outlives_a_change_and_ends_with_the_memory(
    house: House, journal: Journal
) -> None:
    kept = memory()
    await house.keep(kept)
    house.uses.note(ACME.organization, [kept])
    await house.uses.write()
    await journal.commit(ACME, ChangeSet((Put(replace(kept, version=2, text="New")),)))
    assert kept.id in await read(house.store, ACME, [kept.id])
    await journal.commit(ACME, ChangeSet((Delete(kept.KIND, kept.id, 2),)))
    house.uses.note(ACME.organization, [kept])
    await house.uses.write()


async def test_uses_that_are_not_counted_cost_nothing_and_too_many_are_not_kept(
    house: House, clock: Calendar
) -> None:
    off = Uses(house.store, clock, every=None)
    kept = memory()
    await house.keep(kept)
    async with off:
        off.note(ACME.organization, [kept])
    assert not await read(house.store, ACME, [kept.id])
    house.uses.note(
        ACME.organization, [replace(kept, id=RecordId(f"{n}")) for n in range(MOST_NOTED)]
    )
    house.uses.note(ACME.organization, [kept])
    await house.uses.write()
    assert not await read(house.store, ACME, [kept.id])


@EVERY_STORE
async def test_a_walk_moves_what_is_due_and_says_why(
    house: House, memories: Memories, clock: Calendar
) -> None:
    used = memory("Used", importance=0.9)
    idle, pinned = memory("Idle"), memory("Pinned", pinned=True)
    gone = memory("Gone", level=CONTEXTUAL, origin=Origin.INFERRED)
    await house.keep(used, idle, pinned, gone)
    clock.move(days=401)
    house.uses.note(ACME.organization, [used] * 9)
    await house.uses.write()
    assert await house.look() == 3
    assert [await house.level(each) for each in (used, idle, pinned, gone)] == [
        TACTICAL,
        CONTEXTUAL,
        OPERATIONAL,
        None,
    ]
    reasons = [(await memories.history(ACME, each.id))[0].reason for each in (used, idle, gone)]
    assert reasons[0] == "used often: OPERATIONAL to TACTICAL"
    assert reasons[1] == "unused for 401 days: OPERATIONAL to CONTEXTUAL"
    assert reasons[2] == "unused for 401 days"
    assert (await memories.restore(ACME, gone.id)).record.text == "Gone"


@EVERY_STORE
async def test_each_memory_is_looked_at_once_a_day_also_after_a_restart(
    house: House, clock: Calendar
) -> None:
    await house.look()
    late = memory("Late", updated_at=day(-400))
    await house.keep(late)
    assert await house.look() == 0
    clock.move(days=1)
    assert await house.look() == 1


async def test_a_large_organization_is_walked_through_in_parts(
    house: House, clock: Calendar
) -> None:
    many = [memory(f"Memory {n}") for n in range(MOST_AT_ONCE + 10)]
    for start in range(0, len(many), 500):
        await house.keep(*many[start : start + 500])
    clock.move(days=181)
    assert [await house.look() for _ in range(3)] == [MOST_AT_ONCE, 10, 0]


async def test_what_another_organization_has_is_not_touched(
    house: House, journal: Journal, clock: Calendar
) -> None:
    theirs = memory()
    await journal.commit(GLOBEX, ChangeSet((Put(theirs),)))
    clock.move(days=999)
    assert await house.look() == 0
    found: GraphStore = house.store
    assert (await found.get(GLOBEX, Memory, [theirs.id]))[theirs.id] == theirs
