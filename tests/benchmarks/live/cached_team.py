"""The same question of two workers, over Neo4j and Redis."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mnemos_graph.identity import REMEMBERED_SECONDS
from tests.benchmarks.figures import Figure, LeftOut
from tests.benchmarks.live.cached import CONNECTIONS, WARM_SECONDS, filled, measured, work
from tests.benchmarks.live.load import load
from tests.benchmarks.live.served import SETTINGS
from tests.servers.neo4j import neo4j_server
from tests.servers.redis import redis_server
from tests.stack import environment, team

ABOUT = "A question that was just answered by two workers, over Neo4j and Redis, with an API key"
WORKERS = 2


async def figures(folder: Path) -> list[Figure]:
    try:
        return await _measured(folder)
    except pytest.skip.Exception as lacking:
        raise LeftOut(str(lacking)) from lacking


async def _measured(folder: Path) -> list[Figure]:
    for name in ("neo4j", "redis", "data"):
        (folder / name).mkdir()
    async with (
        neo4j_server(folder / "neo4j") as neo4j,
        redis_server(folder / "redis") as redis,
        team(WORKERS, environment(folder / "data", neo4j, redis) | SETTINGS) as serving,
    ):
        secret = await filled(serving.address)
        await asyncio.sleep(REMEMBERED_SECONDS)  # until every worker knows that there is a key
        await load(work(serving.address, secret, seconds=2 * WARM_SECONDS))
        done, cpu = await measured(serving.workers, work(serving.address, secret))
    return [
        Figure(
            what=f"two workers, {CONNECTIONS} connections, {done.answer_bytes:,} bytes each",
            value=done.per_second,
            unit="a second",
            goal="≥ 18,000",
        ),
        Figure(what="CPU of the workers for each", value=cpu, unit="µs", goal="≤ 45 µs"),
        Figure(what="answered within, p99", value=done.p99_ms, unit="ms"),
    ]
