from __future__ import annotations

from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.servers.redis import RedisServer, redis_server

pytestmark = pytest.mark.server


async def kept(server: RedisServer) -> object:
    async with Redis.from_url(server.url) as redis:
        return await redis.get("word")


async def test_it_comes_back_with_what_it_had_or_empty(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as server:
        async with Redis.from_url(server.url) as redis:
            await redis.set("word", "kept")
        server.restart()
        assert await kept(server) == b"kept"
        server.restart(empty=True)
        assert await kept(server) is None
