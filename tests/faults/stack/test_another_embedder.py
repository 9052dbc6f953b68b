"""Everybody is restarted with another embedder, and who does the work is killed half way."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx
import pytest
from neo4j import AsyncGraphDatabase

from mnemos.client import AsyncClient
from mnemos_graph.identity import LOCAL_CALLER
from mnemos_graph.vectors.chroma_server import open_chroma_server
from mnemos_graph.vectors.rows import collections_of
from tests.faults.stack.starting import Stack, clients
from tests.models.dialects import KEY
from tests.models.embedding_server import EmbeddingServer, embedding_server
from tests.servers.chroma import COLLECTIONS
from tests.servers.neo4j import PASSWORD

COUNT = 250
OLD, NEW = "old 16d w2000", "new 48d w2000"

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(300)]


@pytest.fixture
async def old() -> AsyncGenerator[EmbeddingServer, None]:
    async with embedding_server() as server:
        yield server


@pytest.fixture
async def new() -> AsyncGenerator[EmbeddingServer, None]:
    async with embedding_server() as server:
        server.dimensions = 48
        yield server


async def until_through(client: AsyncClient, url: str, done: int) -> None:
    """Ask on and on until so many memories have their new vectors, or all; no answer may lack any."""
    async with httpx.AsyncClient() as plain:
        while (await reembedding(plain, url)).get("done", math.inf) < done:
            assert not (await client.recall("note 7", user_id="ana")).degraded
            await asyncio.sleep(0.1)


async def reembedding(plain: httpx.AsyncClient, url: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (await plain.get(f"{url}/health")).json().get("reembedding", {})
    return found


async def kept(stack: Stack) -> Counter[str]:
    """Return how many bytes Neo4j keeps of each generation, without our own program."""
    asked = (
        "MATCH (d:Derived {org: 'local'}) WHERE NOT d.id STARTS WITH 'mark:' "
        "RETURN d.generation, count(*)"
    )
    address = f"bolt://127.0.0.1:{stack.neo4j.port}"
    async with AsyncGraphDatabase.driver(address, auth=("neo4j", PASSWORD)) as driver:
        records, *_ = await driver.execute_query(asked)
    return Counter({name: count for name, count in records if name in (OLD, NEW)})


async def collections(stack: Stack) -> int:
    async with httpx.AsyncClient() as plain:
        listed = (await plain.get(f"{stack.chroma.url}{COLLECTIONS}")).json()
    return sum(each["name"].startswith(collections_of(LOCAL_CALLER.access)) for each in listed)


async def test_questions_are_answered_as_before_until_another_worker_has_finished(
    stack: Stack, old: EmbeddingServer, new: EmbeddingServer
) -> None:
    async with open_chroma_server(stack.chroma.url) as vectors:
        await vectors.drop(LOCAL_CALLER.access)
    before = f"{old.at}/v1?model=old&dimensions=16"
    stack.settings |= {
        "MNEMOS_EMBEDDER": before,
        "MNEMOS_EMBEDDER_KEY": KEY,
        "MNEMOS_EXACT_SCAN": "50",
    }
    async with stack.serve() as program, clients(program.url, 8) as several:
        for start in range(0, COUNT, len(several)):
            numbers = range(start, min(start + len(several), COUNT))
            await asyncio.gather(
                *(
                    client.create_memory(f"note {n}", user_id="ana")
                    for n, client in zip(numbers, several, strict=False)
                )
            )
    stack.settings |= {
        "MNEMOS_EMBEDDER": f"{new.at}/v1?model=new&dimensions=48",
        "MNEMOS_EMBEDDER_PREVIOUS": before,
        "MNEMOS_EMBEDDER_PREVIOUS_KEY": KEY,
    }
    new.pause = 2.0
    async with stack.serve() as program, clients(program.url, 1) as (client,):
        async with stack.job_worker() as first:
            await until_through(client, program.url, 100)
            await first.end()
        assert COUNT > (await kept(stack))[NEW] >= 100
        written = await client.create_memory("a violin", user_id="ana")
        async with stack.job_worker():
            await until_through(client, program.url, COUNT)
            while (await kept(stack))[OLD] or await collections(stack) > 1:
                assert not (await client.recall("note 7")).degraded
            assert await kept(stack) == {NEW: COUNT + 1}
            found = await client.recall("a violin", user_id="ana")
            assert (found.hits[0].memory.id, found.degraded) == (written.memory.id, ())
            whole = await client.recall("a violin")
            assert (whole.hits[0].memory.id, whole.degraded) == (written.memory.id, ())
