"""Neo4j, Chroma and Redis as processes of this run, and the memory opened over them."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from mnemos.part_url import PartUrl
from mnemos.settings import Settings
from mnemos.wiring import open_parts
from mnemos_graph.language.embedder import Embedder
from mnemos_graph.memory.services import Parts, Services, open_services
from tests.benchmarks.figures import LeftOut
from tests.servers.chroma import ChromaProcess, chroma_server
from tests.servers.neo4j import Neo4jServer, neo4j_server
from tests.servers.redis import RedisServer, redis_server

NONE = PartUrl("none:")


@dataclass(frozen=True, slots=True)
class Stack:
    neo4j: Neo4jServer
    chroma: ChromaProcess
    redis: RedisServer

    def settings(self, folder: Path) -> Settings:
        return Settings(
            data=folder,
            store=PartUrl(self.neo4j.url),
            vectors=PartUrl(self.chroma.url),
            bus=PartUrl(self.redis.url),
            start_seconds=60,
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program is given to use these servers."""
        return {
            "MNEMOS_STORE": self.neo4j.url,
            "MNEMOS_VECTORS": self.chroma.url,
            "MNEMOS_BUS": self.redis.url,
            "MNEMOS_START_SECONDS": "60",
            "MNEMOS_LOG_LEVEL": "warning",
        }

    @property
    def pids(self) -> Mapping[str, int]:
        return {"Neo4j": self.neo4j.pid, "Chroma": self.chroma.pid, "Redis": self.redis.pid}


@asynccontextmanager
async def servers(folder: Path, *, neo4j: Path | None = None) -> AsyncGenerator[Stack, None]:
    """Start the servers, empty or with what the folder ``neo4j`` holds, and end them.

    Raises:
        LeftOut: a program is not installed; the message says how to get it.
    """
    async with AsyncExitStack() as stack:
        try:
            yield Stack(
                await stack.enter_async_context(neo4j_server(neo4j or folder / "neo4j")),
                await stack.enter_async_context(chroma_server(folder / "chroma")),
                await stack.enter_async_context(redis_server(folder / "redis")),
            )
        except pytest.skip.Exception as lacking:
            raise LeftOut(str(lacking)) from lacking


@asynccontextmanager
async def memory(
    settings: Settings, embedder: Embedder | None = None
) -> AsyncGenerator[tuple[Services, Parts], None]:
    """Open the memory in this process, which works jobs off too.

    With an ``embedder`` it is used in the place of the one that the settings choose.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    chosen = settings if embedder is None else replace(settings, embedder=NONE)
    async with open_parts(chosen) as opened:
        parts = replace(opened.parts, runs_jobs=True, embedder=embedder or opened.parts.embedder)
        async with open_services(parts) as services:
            yield services, parts


class Used:
    """Processor seconds of this process and of servers since it was made."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._watched = {name: psutil.Process(pid) for name, pid in pids.items()}
        self._began = self._now()
        self._clock = time.perf_counter()

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self._clock

    def seconds(self) -> Mapping[str, float]:
        now = self._now()
        return {name: now[name] - before for name, before in self._began.items()}

    def _now(self) -> dict[str, float]:
        own = {"Mnemos": sum(os.times()[:2])}
        return own | {name: sum(each.cpu_times()[:2]) for name, each in self._watched.items()}
