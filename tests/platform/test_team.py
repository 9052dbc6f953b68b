"""Several workers over Neo4j and Redis are one program to whoever speaks to it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from mnemos.client import AsyncClient
from mnemos_graph.errors import Unavailable
from tests.platform.cli.running import mnemos
from tests.servers.neo4j import Neo4jServer, emptied
from tests.servers.redis import RedisServer
from tests.stack import Team, environment, team

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]

WRITE = """mutation ($key: String!) {
  createMemory(input: {text: $key, scope: {}, idempotencyKey: $key}) { memory { id } }
}"""
WRITES = 20
LISTENERS = 8


@pytest.fixture
async def two(
    tmp_path: Path, shared_neo4j: Neo4jServer, shared_redis: RedisServer
) -> AsyncIterator[Team]:
    await emptied(shared_neo4j)
    async with team(2, environment(tmp_path, shared_neo4j, shared_redis)) as two:
        yield two


async def heard(client: AsyncClient, listening: asyncio.Semaphore, many: int) -> list[str]:
    """Return the first memories that a listener hears of, over as many connections as it takes."""
    ids: list[str] = []
    async for page in client.changes():
        listening.release()
        ids += [each.subject_id for each in page.changes if each.subject_type == "MEMORY"]
        if len(ids) >= many:
            break
    return ids


async def written(client: AsyncClient, many: int) -> list[str]:
    """Write so many memories, each again and again until it is acknowledged; return their ids."""
    ids = []
    for key in (f"memory {number}" for number in range(many)):
        answer = None
        while answer is None:
            with suppress(Unavailable):
                answer = await client.graphql(WRITE, {"key": key})
        ids.append(answer["createMemory"]["memory"]["id"])
        await asyncio.sleep(0.1)
    return ids


async def check_nobody_misses_anything(two: Team, meanwhile: Callable[[], Awaitable[None]]) -> None:
    listening = asyncio.Semaphore(0)
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        address = f"http://{two.address}"
        clients = [await stack.enter_async_context(AsyncClient(address)) for _ in range(LISTENERS)]
        listeners = [tasks.create_task(heard(client, listening, WRITES)) for client in clients]
        for _ in listeners:
            await listening.acquire()
        writing = tasks.create_task(written(clients[0], WRITES))
        await meanwhile()
        ids = await writing
        assert [await listener for listener in listeners] == [ids] * LISTENERS


async def test_what_one_worker_writes_the_listeners_of_each_hear(two: Team) -> None:
    async def nothing() -> None: ...

    await check_nobody_misses_anything(two, nothing)


async def test_listeners_of_a_worker_that_dies_go_on_at_another(two: Team) -> None:
    async def kill() -> None:
        await asyncio.sleep(0.5)
        os.kill(min(two.workers), signal.SIGKILL)

    await check_nobody_misses_anything(two, kill)


async def test_replacing_the_workers_loses_nothing(two: Team) -> None:
    before = two.workers

    async def replace() -> None:
        two.signal(signal.SIGHUP)
        while two.workers & before:  # noqa: ASYNC110 - other processes set no event of ours
            await asyncio.sleep(0.05)

    await check_nobody_misses_anything(two, replace)


async def test_an_organization_is_made_while_they_run(
    two: Team, tmp_path: Path, shared_neo4j: Neo4jServer, shared_redis: RedisServer
) -> None:
    environ = environment(tmp_path, shared_neo4j, shared_redis)
    made = await mnemos(tmp_path, "keys", "create", "--org", "acme", "--role", "admin", **environ)
    async with AsyncClient(f"http://{two.address}", api_key=made.said.strip()) as client:
        assert len(await client.api_keys()) == 1


async def test_it_stops_in_order(two: Team) -> None:
    two.signal(signal.SIGTERM)
    assert await two.ended() == 0
