"""What every way promises by which workers hear of jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mnemos_graph.model import OrganizationId, RecordId, new_id
from mnemos_graph.ready import LocalReady, Ready, ReadyJobs, Taken
from mnemos_graph.redis.address import parse
from mnemos_graph.redis.connection import connect
from mnemos_graph.redis.ready import RedisReady
from tests.servers.redis import RedisServer, redis_server
from tests.servers.relay import relay

FIRST, SECOND, THIRD = (Ready(OrganizationId("acme"), RecordId(f"job {n}")) for n in range(3))


@asynccontextmanager
async def over(
    url: str, prefix: str = "mnemos", *, idle: float = 60.0, most: int = 1_000
) -> AsyncGenerator[RedisReady, None]:
    async with (
        connect(parse(f"{url}?prefix={prefix}")) as connection,
        RedisReady(connection, idle=idle, most=most) as ready,
    ):
        yield ready


@pytest.fixture
def prefix() -> str:
    return f"test-{new_id()}"


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.server)])
async def ready(request: pytest.FixtureRequest, prefix: str) -> AsyncIterator[ReadyJobs]:
    if request.param == "local":
        yield LocalReady()
        return
    server: RedisServer = request.getfixturevalue("shared_redis")
    async with over(server.url, prefix) as opened:
        yield opened


async def taken(jobs: AsyncIterator[Taken], count: int) -> list[Ready]:
    """Take so many, and say of each that it is done."""
    found = []
    async with asyncio.timeout(15):
        for _ in range(count):
            each = await anext(jobs)
            await each.done()
            found.append(each.ready)
    return found


async def nothing(jobs: AsyncIterator[Taken]) -> bool:
    try:
        async with asyncio.timeout(0.3):
            await anext(jobs)
    except TimeoutError:
        return True
    return False


async def test_jobs_are_heard_of_in_the_order_in_which_they_were_said(ready: ReadyJobs) -> None:
    for each in (FIRST, SECOND, THIRD):
        await ready.put(each)
    assert await taken(ready.take(), 3) == [FIRST, SECOND, THIRD]


async def test_one_of_those_who_take_hears_of_each_job(ready: ReadyJobs) -> None:
    takers = [ready.take(), ready.take()]
    hearing = [asyncio.create_task(taken(each, 1)) for each in takers]
    for each in (FIRST, SECOND):
        await ready.put(each)
    heard = await asyncio.gather(*hearing)
    assert sorted(heard) == [[FIRST], [SECOND]]


async def test_what_is_done_is_not_heard_of_again(ready: ReadyJobs) -> None:
    await ready.put(FIRST)
    assert await taken(ready.take(), 1) == [FIRST]
    assert await nothing(ready.take())


async def test_a_job_may_be_said_again_once_it_was_taken(ready: ReadyJobs) -> None:
    jobs = ready.take()
    for _ in range(2):
        await ready.put(FIRST)
        assert await taken(jobs, 1) == [FIRST]


async def test_what_waits_in_one_process_is_not_put_twice() -> None:
    ready = LocalReady()
    for _ in range(3):
        await ready.put(FIRST)
    assert ready.waiting == 1


@pytest.mark.server
class TestOverRedis:
    async def test_a_process_hears_what_another_said_before_it_began(
        self, shared_redis: RedisServer, prefix: str
    ) -> None:
        async with over(shared_redis.url, prefix) as one:
            await one.put(FIRST)
        async with over(shared_redis.url, prefix) as other:
            assert await taken(other.take(), 1) == [FIRST]

    async def test_what_a_worker_took_and_left_is_given_to_another(
        self, shared_redis: RedisServer, prefix: str
    ) -> None:
        async with over(shared_redis.url, prefix) as killed:
            await killed.put(FIRST)
            left = await anext(killed.take())
        async with over(shared_redis.url, prefix, idle=0.2) as other:
            assert await taken(other.take(), 1) == [left.ready]
            assert await other.waiting() == 0

    async def test_what_is_in_hand_is_given_to_nobody_else(
        self, shared_redis: RedisServer, prefix: str
    ) -> None:
        async with over(shared_redis.url, prefix) as one, over(shared_redis.url, prefix) as other:
            await one.put(FIRST)
            await anext(one.take())
            assert await nothing(other.take())

    async def test_the_stream_keeps_only_what_is_not_done(
        self, shared_redis: RedisServer, prefix: str
    ) -> None:
        async with over(shared_redis.url, prefix) as ready:
            for each in (FIRST, SECOND, THIRD):
                await ready.put(each)
            await taken(ready.take(), 2)
            assert await ready.waiting() == 1

    async def test_the_stream_is_bounded(self, shared_redis: RedisServer, prefix: str) -> None:
        async with over(shared_redis.url, prefix, most=500) as ready:
            for number in range(2_000):
                await ready.put(Ready(OrganizationId("acme"), RecordId(f"job {number}")))
                if number % 100 == 0:
                    await asyncio.sleep(0.01)
        async with over(shared_redis.url, prefix) as ready:
            assert 0 < await ready.waiting() <= 700

    async def test_jobs_are_heard_of_after_redis_came_back_empty(self, tmp_path: Path) -> None:
        async with redis_server(tmp_path, appends=False) as server, over(server.url) as ready:
            jobs = ready.take()
            await ready.put(FIRST)
            assert await taken(jobs, 1) == [FIRST]
            server.restart(empty=True)
            await ready.put(SECOND)
            assert await taken(jobs, 1) == [SECOND]

    async def test_saying_never_waits_for_a_redis_that_hangs(
        self, shared_redis: RedisServer, prefix: str
    ) -> None:
        async with (
            relay(*shared_redis.address) as between,
            over(f"redis://127.0.0.1:{between.port}/0", prefix) as ready,
        ):
            between.hold()
            async with asyncio.timeout(0.5):
                for each in (FIRST, SECOND, THIRD):
                    await ready.put(each)
            between.forward()
            assert set(await taken(ready.take(), 3)) == {FIRST, SECOND, THIRD}

    async def test_a_connection_that_breaks_is_made_again(
        self, shared_redis: RedisServer, prefix: str
    ) -> None:
        async with (
            relay(*shared_redis.address) as between,
            over(f"redis://127.0.0.1:{between.port}/0", prefix) as ready,
        ):
            jobs = ready.take()
            for each in (FIRST, SECOND):
                await ready.put(each)
                assert await taken(jobs, 1) == [each]
                await between.refuse()
                await ready.put(THIRD)
                await asyncio.sleep(0.2)
                await between.accept()
                assert await taken(jobs, 1) == [THIRD]
