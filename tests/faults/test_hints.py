"""Redis between processes is cut, emptied, held and slowed: listeners hear all, once, in order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

import pytest

from mnemos_graph.feed import Bus, Feed
from mnemos_graph.feed import feed as feeding
from mnemos_graph.model import OrganizationId, Position
from mnemos_graph.redis import RedisBus
from mnemos_graph.redis.troubles import Troubles
from mnemos_graph.store import GraphStore
from tests.faults.hints import Between, Trouble, between, deliver, nothing

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(180)]

CHANGES = int(os.environ.get("MNEMOS_FAULT_CHANGES", "600"))
LATEST_SECONDS = 2.0


@pytest.fixture
async def ends(tmp_path: Path) -> AsyncGenerator[Between, None]:
    async with between(tmp_path) as opened:
        yield opened


class NeverChecks(Feed):
    """A planted bug: the heads are asked for only when hints were missed."""

    async def _check_heads(self) -> None:
        while True:
            await self._missed.wait()
            self._missed.clear()
            await self.check(self._followers)


class IgnoresBreaks(NeverChecks):
    """Planted bugs: hints are all that it goes by."""

    def __init__(self, store: GraphStore, bus: Bus) -> None:
        super().__init__(store, bus)
        self._missed.set = lambda: None  # type: ignore[method-assign]


async def refused(ends: Between) -> None:
    await ends.everywhere(lambda door: door.refuse())


async def accepted(ends: Between) -> None:
    await ends.everywhere(lambda door: door.accept())


async def cut(ends: Between) -> None:
    await ends.everywhere(lambda door: door.cut())


async def held(ends: Between) -> None:
    await ends.everywhere(lambda door: door.hold())


async def forwarded(ends: Between) -> None:
    await ends.everywhere(lambda door: door.forward())


async def emptied(ends: Between) -> None:
    await asyncio.to_thread(ends.server.restart, empty=True)


async def slowed(ends: Between) -> None:
    for door in (ends.writers, ends.listeners):
        door.delay = 0.25  # each way: half a second until an answer


async def listener_refused(ends: Between) -> None:
    await ends.listeners.refuse()


async def writer_refused(ends: Between) -> None:
    await ends.writers.refuse()


@pytest.mark.parametrize(
    ("begins", "is_over"),
    [
        pytest.param(refused, accepted, id="cut for a third"),
        pytest.param(cut, cut, id="cut twice"),
        pytest.param(emptied, nothing, id="restarted empty"),
        pytest.param(held, forwarded, id="half-open"),
        pytest.param(slowed, nothing, id="slow"),
        pytest.param(writer_refused, nothing, id="the writer alone is cut off"),
    ],
)
async def test_listeners_hear_all_once_in_order_and_soon(
    ends: Between, begins: Trouble, is_over: Trouble
) -> None:
    heard = await deliver(ends, CHANGES, begins=begins, is_over=is_over)
    assert heard == list(range(1, CHANGES + 1))
    assert ends.lateness < LATEST_SECONDS


async def test_a_listener_that_is_back_looks_at_once(
    ends: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "CHECK_SECONDS", 60)
    heard = await deliver(ends, CHANGES, begins=listener_refused, is_over=accepted, over_at=1)
    assert heard == list(range(1, CHANGES + 1))


async def test_a_feed_that_skips_the_checks_is_found(ends: Between) -> None:
    heard = await deliver(
        ends, 60, begins=writer_refused, is_over=nothing, feed=NeverChecks, patience=3
    )
    assert heard != list(range(1, 61))


async def test_a_feed_that_ignores_breaks_is_found(ends: Between) -> None:
    heard = await deliver(
        ends,
        60,
        begins=listener_refused,
        is_over=accepted,
        feed=IgnoresBreaks,
        over_at=1,
        patience=3,
    )
    assert heard != list(range(1, 61))


async def test_a_bus_that_makes_writers_wait_is_found(
    ends: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def publish(bus: RedisBus, organization: OrganizationId, position: Position) -> None:
        with suppress(*Troubles):
            await bus._connection.publish(bus._channel, f"{organization} {position}".encode())

    monkeypatch.setattr(RedisBus, "publish", publish)
    await deliver(ends, 60, begins=held, is_over=forwarded, patience=3)
    assert len(ends.written) < 60
