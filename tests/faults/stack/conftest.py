from __future__ import annotations

from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.faults.stack.starting import Stack
from tests.servers.chroma import ChromaProcess
from tests.servers.neo4j import Neo4jServer, emptied
from tests.servers.redis import RedisServer


@pytest.fixture
async def stack(
    tmp_path: Path,
    shared_neo4j: Neo4jServer,
    shared_chroma: ChromaProcess,
    shared_redis: RedisServer,
) -> Stack:
    """Three servers with nothing of ours in them."""
    await emptied(shared_neo4j)
    async with Redis.from_url(shared_redis.url) as redis:
        await redis.flushall()
    return Stack(tmp_path, shared_neo4j, shared_chroma, shared_redis)
