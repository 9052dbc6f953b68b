"""What every bus promises, between two processes where it connects processes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import NamedTuple
from uuid import uuid4

import pytest

from mnemos_graph.feed import Bus, LocalBus
from mnemos_graph.model import OrganizationId, Position
from mnemos_graph.redis import open_redis
from tests.servers.redis import RedisServer
from tests.waiting import until

ONE, OTHER = OrganizationId(str(uuid4())), OrganizationId(str(uuid4()))


class Heard:
    """A listener that remembers."""

    def __init__(self, bus: Bus) -> None:
        self.hints: list[tuple[OrganizationId, Position]] = []
        self.missed = 0
        self.stop = bus.listen(lambda *hint: self.hints.append(hint), self._miss)

    def _miss(self) -> None:
        self.missed += 1


class Ends(NamedTuple):
    here: Bus
    there: Bus


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.server)])
async def ends(request: pytest.FixtureRequest) -> AsyncGenerator[Ends, None]:
    if request.param == "local":
        bus = LocalBus()
        yield Ends(bus, bus)
        return
    server: RedisServer = request.getfixturevalue("shared_redis")
    url = f"{server.url}?prefix={uuid4().hex}"
    async with AsyncExitStack() as stack:
        here, there = [(await stack.enter_async_context(open_redis(url))).bus for _ in range(2)]
        await until(lambda: here.health.connected and there.health.connected)
        yield Ends(here, there)


async def test_a_hint_is_heard_by_every_listener_everywhere(ends: Ends) -> None:
    listeners = [Heard(ends.here), Heard(ends.there), Heard(ends.there)]
    await ends.here.publish(ONE, Position(7))
    await until(lambda: all((ONE, Position(7)) in each.hints for each in listeners))


async def test_the_newest_position_of_each_organization_is_heard(ends: Ends) -> None:
    heard = Heard(ends.there)
    for position in range(1, 1_001):
        await ends.here.publish(ONE, Position(position))
        await ends.here.publish(OTHER, Position(2 * position))
    await until(lambda: {(ONE, Position(1_000)), (OTHER, Position(2_000))} <= {*heard.hints})
    positions = [position for organization, position in heard.hints if organization == ONE]
    assert positions == sorted(positions)


async def test_a_later_hint_of_an_earlier_position_hides_no_newer_one(ends: Ends) -> None:
    heard = Heard(ends.there)
    await ends.here.publish(ONE, Position(9))
    await ends.here.publish(ONE, Position(8))
    await until(lambda: (ONE, Position(9)) in heard.hints)


async def test_who_stopped_listening_hears_nothing(ends: Ends) -> None:
    gone, stays = Heard(ends.there), Heard(ends.there)
    gone.stop()
    await ends.here.publish(ONE, Position(1))
    await until(lambda: bool(stays.hints))
    assert gone.hints == []


async def test_a_hint_that_nobody_hears_is_no_failure(ends: Ends) -> None:
    await ends.here.publish(ONE, Position(1))
