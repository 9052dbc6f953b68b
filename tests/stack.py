"""The program as a team runs it: workers in processes of their own, over the real servers."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from tests.servers.chroma import ChromaProcess
from tests.servers.neo4j import Neo4jServer
from tests.servers.redis import RedisServer


def environment(
    folder: Path, neo4j: Neo4jServer, redis: RedisServer, chroma: ChromaProcess | None = None
) -> dict[str, str]:
    """Return the settings of a team's processes, with a data folder of their own."""
    return {
        "MNEMOS_DATA": str(folder),
        "MNEMOS_STORE": neo4j.url,
        "MNEMOS_BUS": redis.url,
        "MNEMOS_VECTORS": chroma.url if chroma else "none:",
        "MNEMOS_EMBEDDER": "local:" if chroma else "none:",
        "MNEMOS_START_SECONDS": "60",
    }


class Team:
    """`mnemos serve` with several workers."""

    def __init__(self, running: asyncio.subprocess.Process, address: str) -> None:
        self._running = running
        self.address = address

    @property
    def workers(self) -> set[int]:
        return {each.pid for each in psutil.Process(self._running.pid).children()}

    def signal(self, how: signal.Signals) -> None:
        self._running.send_signal(how)

    async def ended(self) -> int:
        return await self._running.wait()


@asynccontextmanager
async def team(workers: int, environ: dict[str, str]) -> AsyncGenerator[Team, None]:
    """Serve with so many workers; from the first that answers until the block is left."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mnemos", "serve", "--port", "0", "--workers", str(workers)),
        env=os.environ | environ,
        stdout=asyncio.subprocess.PIPE,
    )
    assert running.stdout is not None
    try:
        said = (await running.stdout.readline()).decode()
        assert "http://" in said, said
        yield Team(running, said.split("http://")[1].split("/")[0])
    finally:
        if running.returncode is None:
            running.terminate()
            await running.wait()
