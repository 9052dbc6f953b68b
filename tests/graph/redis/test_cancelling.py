from __future__ import annotations

import asyncio

import pytest

from mnemos_graph.ending import end
from mnemos_graph.redis.connection import Connection
from tests.graph.redis.conftest import Opens

pytestmark = pytest.mark.server

TASKS = 50
GIVES_UP_SECONDS = 5


async def test_a_task_that_asks_redis_ends_when_it_is_cancelled_once(opens: Opens) -> None:
    async def asks_on(connection: Connection) -> None:
        while True:
            await connection.evaluate("return 1", connection.address.name("asked"))

    async with opens() as parts:
        asking = [asyncio.create_task(asks_on(parts.connection)) for _ in range(TASKS)]
        for task in asking:
            await asyncio.sleep(0.001)
            task.cancel()
        _, left = await asyncio.wait(asking, timeout=GIVES_UP_SECONDS)
        await end(*left)
        assert not left
