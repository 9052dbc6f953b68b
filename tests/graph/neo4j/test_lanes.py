"""Who writes waits in a lane: it is bounded, keeps order, and loses nothing that it took."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from mnemos_graph.committing import Wanted
from mnemos_graph.errors import Unavailable
from mnemos_graph.model import OrganizationId, Position
from mnemos_graph.neo4j import lanes
from mnemos_graph.neo4j.lanes import Lanes
from mnemos_graph.store import ChangeSet, Committed, Put
from tests.conformance.samples import ACME, GLOBEX, memory


class Gate:
    """Commits whole groups, one after the other, as soon as it is open."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.groups: list[list[Wanted]] = []

    async def __call__(
        self, organization: OrganizationId, sets: Sequence[Wanted]
    ) -> Sequence[Committed | Exception]:
        self.groups.append(list(sets))
        await self.opened.wait()
        return [Committed(Position(1), Position(1)) for _ in sets]


def wanted(operations: int = 1) -> Wanted:
    return Wanted.of(ACME, ChangeSet(tuple(Put(memory()) for _ in range(operations))))


async def test_a_full_lane_refuses_the_newest_and_keeps_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lanes, "MOST_WAITING", 4)
    gate = Gate()
    lane = Lanes(gate)
    kept = [asyncio.create_task(lane.hand(wanted(2))) for _ in range(2)]
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(lane.hand(wanted(2))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="Too many writes"):
        await lane.hand(wanted())
    gate.opened.set()
    assert len(await asyncio.gather(*kept, *waiting)) == 4
    assert await lane.hand(wanted()) == Committed(Position(1), Position(1))


async def test_who_waited_too_long_is_refused_and_not_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate()
    lane = Lanes(gate)
    first = asyncio.create_task(lane.hand(wanted()))
    await asyncio.sleep(0)
    monkeypatch.setattr(lanes, "WAITS_SECONDS", -1.0)
    late = asyncio.create_task(lane.hand(wanted()))
    await asyncio.sleep(0)
    gate.opened.set()
    await first
    with pytest.raises(Unavailable, match="nothing was written"):
        await late
    assert len(gate.groups) == 1


async def test_what_came_while_a_group_was_under_way_is_the_next_group() -> None:
    gate = Gate()
    lane = Lanes(gate)
    sets = [wanted() for _ in range(5)]
    waiting = [asyncio.create_task(lane.hand(each)) for each in sets[:1]]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting += [asyncio.create_task(lane.hand(each)) for each in sets[1:]]
    await asyncio.sleep(0)
    gate.opened.set()
    await asyncio.gather(*waiting)
    assert gate.groups == [sets[:1], sets[1:]]


async def test_one_organization_does_not_wait_for_another() -> None:
    gate = Gate()
    lane = Lanes(gate)
    other = Wanted.of(GLOBEX, ChangeSet((Put(memory()),)))
    waiting = [asyncio.create_task(lane.hand(each)) for each in (wanted(), other)]
    for _ in range(3):
        await asyncio.sleep(0)
    assert len(gate.groups) == 2
    gate.opened.set()
    await asyncio.gather(*waiting)


async def test_closing_finishes_what_was_taken_and_takes_no_more() -> None:
    gate = Gate()
    lane = Lanes(gate)
    taken = asyncio.create_task(lane.hand(wanted()))
    await asyncio.sleep(0)
    closing = asyncio.create_task(lane.close())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="closed"):
        await lane.hand(wanted())
    gate.opened.set()
    await closing
    assert await taken == Committed(Position(1), Position(1))
