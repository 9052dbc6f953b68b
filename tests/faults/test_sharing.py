"""kill -9 of processes that share a store, a vector server and leases: the next ones go on."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from pathlib import Path

import pytest

from mnemos_graph.vectors.chroma_server import ChromaServer, open_chroma_server
from tests.conformance.samples import ACME
from tests.embedders import WordEmbedder
from tests.faults.chroma_load import replayed
from tests.faults.length import LONG
from tests.faults.sharing import sharing
from tests.servers.chroma import ChromaProcess, held
from tests.servers.neo4j import Neo4jServer, emptied
from tests.servers.redis import RedisServer

ROOT = Path(__file__).parents[2]
KILLS = 20 if LONG else 3
PROCESSES = 2

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(180)]


class Writer:
    """A process that writes on and on."""

    def __init__(self, running: asyncio.subprocess.Process) -> None:
        self._running = running

    @classmethod
    async def start(cls, urls: tuple[str, str, str]) -> Writer:
        command = (sys.executable, "-m", "tests.faults.sharing", *urls)
        running = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        assert running.stdout is not None
        assert await running.stdout.readline(), "it ended before it wrote anything"
        return cls(running)

    async def kill(self) -> int:
        """Kill it, and return the last position that it was acknowledged."""
        self._running.kill()
        said, _ = await self._running.communicate()
        assert self._running.returncode == -signal.SIGKILL
        return max((int(line) for line in said.split(b"\n")[:-1]), default=0)


async def moved_behind(vectors: ChromaServer, position: int) -> int:
    """Wait until somebody has brought the full collection behind ``position``."""
    async with asyncio.timeout(60):
        while True:
            stand = await vectors.stand(ACME, WordEmbedder().generation)
            if stand is not None and stand.filled and stand.position > position:
                return stand.position
            await asyncio.sleep(0.02)


async def test_what_the_killed_wrote_is_embedded_and_indexed_by_the_next(
    shared_neo4j: Neo4jServer, shared_chroma: ChromaProcess, shared_redis: RedisServer
) -> None:
    urls = (await emptied(shared_neo4j), shared_chroma.url, shared_redis.url)
    acknowledged, stood = 0, 0
    async with open_chroma_server(shared_chroma.url) as vectors:
        await vectors.drop(ACME)
        writers = [await Writer.start(urls) for _ in range(PROCESSES)]
        for _ in range(KILLS):
            stood = await moved_behind(vectors, stood)
            await asyncio.sleep(random.uniform(0, 0.3))
            for writer in writers:  # one of them holds the leases
                acknowledged = max(acknowledged, await writer.kill())
            writers = [await Writer.start(urls) for _ in range(PROCESSES)]
        for writer in writers:
            acknowledged = max(acknowledged, await writer.kill())
    async with sharing(*urls) as (services, _):
        (head,) = await services.store.heads([ACME])
        assert head.position >= acknowledged > 0
        assert services.collecting is not None
        async with asyncio.timeout(60):
            await services.collecting.passed(ACME.organization, head.position)
        expected = await replayed(services.store)
    assert len(expected) == head.position
    assert await held(shared_chroma.url, ACME) == expected
