from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from mnemos_graph.leases import Lease
from mnemos_graph.redis import RedisLeases
from tests.graph.redis.conftest import Opens, opened
from tests.servers.redis import RedisServer, redis_server
from tests.servers.relay import relay

pytestmark = pytest.mark.server


async def enter(stack: AsyncExitStack, leases: RedisLeases, name: str = "sweep") -> Lease:
    async with asyncio.timeout(10):
        return await stack.enter_async_context(leases.hold(name))


async def waits(leases: RedisLeases, seconds: float, name: str = "sweep") -> bool:
    """Whether somebody who asks now is still waiting after a while."""
    try:
        async with asyncio.timeout(seconds), leases.hold(name):
            return False
    except TimeoutError:
        return True


async def test_one_holds_a_name_and_another_waits_until_he_leaves(opens: Opens) -> None:
    async with opens() as here, opens() as there, AsyncExitStack() as stack:
        here_leases, there_leases = (RedisLeases(each.connection, 0.6) for each in (here, there))
        async with AsyncExitStack() as held:
            lease = await enter(held, here_leases)
            assert await waits(there_leases, 1.5)
            assert not lease.lost.is_set()
        await enter(stack, there_leases)


async def test_names_do_not_wait_for_each_other(opens: Opens) -> None:
    async with opens() as here, opens() as there, AsyncExitStack() as stack:
        await enter(stack, here.leases, "one")
        await enter(stack, there.leases, "another")


async def test_the_name_of_a_holder_that_died_is_free_after_its_time(
    opens: Opens, shared_redis: RedisServer
) -> None:
    async with opens() as here, opens() as there, AsyncExitStack() as stack:
        asked = asyncio.get_running_loop().time()
        await RedisLeases(here.connection, 1)._take(here.connection.address.name("lease", "x"), "t")
        await enter(stack, RedisLeases(there.connection, 1), "x")
        assert asyncio.get_running_loop().time() - asked >= 1


async def test_a_holder_that_is_cut_off_gives_up_before_another_gets_it(
    shared_redis: RedisServer,
) -> None:
    async with relay(*shared_redis.address) as door, AsyncExitStack() as stack:
        away = f"redis://127.0.0.1:{door.port}/0?prefix=cut-off"
        near = f"{shared_redis.url}?prefix=cut-off"
        here = await stack.enter_async_context(opened(away))
        there = await stack.enter_async_context(opened(near))
        lease = await enter(stack, RedisLeases(here.connection, 1.5))
        door.hold()
        waiting = asyncio.create_task(enter(stack, RedisLeases(there.connection, 1.5)))
        await lease.lost.wait()
        assert not waiting.done()
        await waiting
        door.forward()


async def test_who_lost_his_name_does_not_release_it_for_its_next_holder(opens: Opens) -> None:
    async with opens() as here, opens() as there, AsyncExitStack() as stack:
        async with here.leases.hold("x"):
            await here.connection.client.delete(here.connection.address.name("lease", "x"))
            await enter(stack, there.leases, "x")
        assert await waits(here.leases, 0.5, "x")


async def test_a_name_survives_a_redis_that_forgot_it(tmp_path: Path) -> None:
    async with (
        redis_server(tmp_path, appends=False) as server,
        opened(server.url) as here,
        opened(server.url) as there,
        AsyncExitStack() as stack,
    ):
        lease = await enter(stack, RedisLeases(here.connection, 1.5))
        await asyncio.to_thread(server.restart)
        await asyncio.sleep(0.8)
        assert await waits(RedisLeases(there.connection, 1.5), 1.5)
        assert not lease.lost.is_set()


async def test_leaving_waits_for_no_redis_that_is_away(tmp_path: Path) -> None:
    async with (
        redis_server(tmp_path) as server,
        opened(server.url) as parts,
        parts.leases.hold("x"),
    ):
        server.end()
