"""`mnemos worker` as processes of their own, and somebody who hands jobs in beside them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mnemos_graph.errors import TryLater
from mnemos_graph.identity import LOCAL, LOCAL_CALLER
from mnemos_graph.memory.services import Parts, Services, open_services
from mnemos_graph.model import Job, JobState, OrganizationId, RecordId
from mnemos_graph.neo4j import open_neo4j
from mnemos_graph.redis import open_redis
from tests.servers.neo4j import Neo4jServer
from tests.servers.redis import RedisServer

HERE = LOCAL_CALLER.access
_NEXT_LOOK = 0.2
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Servers:
    folder: Path
    neo4j: Neo4jServer
    redis: RedisServer


@asynccontextmanager
async def shared_parts(neo4j: str, redis: str) -> AsyncGenerator[Parts, None]:
    async def organizations() -> Collection[OrganizationId]:
        return [LOCAL.id]

    async with open_neo4j(neo4j) as store, open_redis(redis) as between:
        yield Parts(
            store=store,
            bus=between.bus,
            ready=between.ready,
            leases=between.leases,
            extractor=None,
            others=True,
            runs_jobs=False,
            organizations=organizations,
        )


@asynccontextmanager
async def front(servers: Servers) -> AsyncGenerator[Services, None]:
    """Open what hands jobs in and works none off."""
    async with (
        shared_parts(servers.neo4j.url, servers.redis.url) as parts,
        open_services(parts) as services,
    ):
        yield services


class WorkerProcess:
    """One `mnemos worker`."""

    def __init__(self, running: asyncio.subprocess.Process) -> None:
        self._running = running

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self._running.returncode is None:
            self._running.send_signal(how)
        return await self._running.wait()


@asynccontextmanager
async def job_worker(servers: Servers, name: str) -> AsyncGenerator[WorkerProcess, None]:
    chosen = {
        "MNEMOS_DATA": str(servers.folder / name),
        "MNEMOS_STORE": servers.neo4j.url,
        "MNEMOS_BUS": servers.redis.url,
        "MNEMOS_VECTORS": "none:",
        "MNEMOS_EMBEDDER": "none:",
    }
    with (servers.folder / f"{name}.log").open("wb") as log:
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "mnemos", "worker"),
            env=os.environ | chosen,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    assert running.stdout is not None
    try:
        said = (await running.stdout.readline()).decode()
        assert said.startswith("Mnemos works jobs off"), said
        yield WorkerProcess(running)
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Ask until there is an answer: a store under load may be late for us too."""
    while True:
        try:
            return await call()
        except TryLater:
            await asyncio.sleep(_NEXT_LOOK)


async def looked_at(services: Services, ids: Sequence[RecordId]) -> Sequence[Job]:
    found = await patiently(lambda: services.store.get(HERE, Job, ids))
    return [found[id_] for id_ in ids]


async def all_ended(services: Services, ids: Sequence[RecordId]) -> Sequence[Job]:
    while True:
        jobs = await looked_at(services, ids)
        if all(job.ended for job in jobs):
            return jobs
        await asyncio.sleep(_NEXT_LOOK)


async def begun(services: Services, ids: Sequence[RecordId]) -> None:
    """Wait until a job has been taken."""
    while True:
        if any(job.state is not JobState.QUEUED for job in await looked_at(services, ids)):
            return
        await asyncio.sleep(_NEXT_LOOK)
