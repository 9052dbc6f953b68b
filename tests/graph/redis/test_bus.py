from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis

from mnemos_graph.model import OrganizationId, Position
from mnemos_graph.redis import RedisBus, bus, open_redis
from tests.graph.redis.conftest import Opens, opened
from tests.servers.redis import RedisServer, redis_server
from tests.servers.relay import Relay, relay
from tests.waiting import until

pytestmark = pytest.mark.server
ACME = OrganizationId("acme")


class Heard:
    def __init__(self, bus: RedisBus) -> None:
        self.positions: list[int] = []
        self.missed = 0
        bus.listen(lambda _, position: self.positions.append(position), self._miss)

    def _miss(self) -> None:
        self.missed += 1


@pytest.fixture
async def door(shared_redis: RedisServer) -> AsyncGenerator[Relay, None]:
    async with relay(*shared_redis.address) as opened:
        yield opened


def through(door: Relay, prefix: str) -> str:
    return f"redis://127.0.0.1:{door.port}/0?prefix={prefix}"


async def test_after_a_break_listeners_are_told_and_hear_again(door: Relay) -> None:
    async with opened(through(door, "broken")) as here, opened(through(door, "broken")) as there:
        heard = Heard(there.bus)
        door.cut()
        await until(lambda: heard.missed == 1)
        await until(lambda: here.bus.health.connected)
        await here.bus.publish(ACME, Position(3))
        await until(lambda: 3 in heard.positions)


async def test_publishing_waits_for_no_redis_that_is_away(door: Relay) -> None:
    async with opened(through(door, "away")) as parts:
        heard = Heard(parts.bus)
        await door.refuse()
        for position in range(100):
            async with asyncio.timeout(0.1):
                await parts.bus.publish(ACME, Position(position))
        assert heard.positions == list(range(100))
        await until(lambda: not parts.bus.health.connected)
        assert "No Redis answers at 127.0.0.1" in parts.bus.health.error
        await door.accept()
        await until(lambda: parts.bus.health.connected)


async def test_a_connection_that_says_nothing_is_given_up(
    door: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "PING_SECONDS", 0.1)
    monkeypatch.setattr(bus, "SILENT_SECONDS", 0.3)
    async with opened(through(door, "half-open")) as parts:
        heard = Heard(parts.bus)
        await asyncio.sleep(0.5)
        assert parts.bus.health.connected
        door.hold()
        await until(lambda: not parts.bus.health.connected)
        door.forward()
        await until(lambda: heard.missed > 0)


async def test_what_waits_to_be_said_is_bounded_and_the_newest_stay(
    door: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "MOST_WAITING", 10)
    async with opened(through(door, "bounded")) as here, opened(through(door, "bounded")) as there:
        names: list[str] = []
        there.bus.listen(lambda organization, _: names.append(organization), lambda: None)
        for number in range(30):
            await here.bus.publish(OrganizationId(str(number)), Position(1))
        await until(lambda: "29" in names)
        assert names == [str(number) for number in range(20, 30)]


async def test_what_is_no_hint_is_passed_over(opens: Opens) -> None:
    async with opens() as here, opens() as there:
        heard = Heard(there.bus)
        client = here.connection.client
        assert isinstance(client, Redis)
        for nonsense in (b"", b"acme", b"acme one", b"\xff\xff", b"acme 1 2"):
            await client.publish(here.connection.address.name("hints"), nonsense)
        await here.bus.publish(ACME, Position(4))
        await until(lambda: heard.positions == [4])


async def test_installations_on_one_server_do_not_hear_each_other(
    shared_redis: RedisServer,
) -> None:
    async with AsyncExitStack() as stack:
        urls = (shared_redis.url, shared_redis.url[:-1] + "1", f"{shared_redis.url}?prefix=other")
        here, *others = [await stack.enter_async_context(opened(url)) for url in urls]
        heard = [Heard(each.bus) for each in others]
        await here.bus.publish(ACME, Position(1))
        for each in others:
            await each.bus.publish(ACME, Position(2))
        await until(lambda: all(2 in each.positions for each in heard))
        assert [1 in each.positions for each in heard] == [False, False]


async def test_a_redis_that_restarts_empty_is_heard_again(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as server, opened(server.url) as parts:
        heard = Heard(parts.bus)
        await asyncio.to_thread(server.restart, empty=True)
        await until(lambda: heard.missed == 1)
        await parts.ping()


async def test_what_was_only_just_opened_can_be_closed(shared_redis: RedisServer) -> None:
    async with asyncio.timeout(10):
        async with open_redis(shared_redis.url):
            """Leave it while it connects."""
