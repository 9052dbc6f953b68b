"""Mnemos for a team, as processes: `mnemos serve` and `mnemos worker` over three real servers."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from neo4j import AsyncGraphDatabase

from mnemos.client import AsyncClient
from mnemos.client.wire import DEFAULT_TIMEOUT
from tests.servers.chroma import ChromaProcess
from tests.servers.neo4j import PASSWORD, Neo4jServer
from tests.servers.owned import Owned, free_port
from tests.servers.redis import RedisServer

STARTS_WITHIN_SECONDS = 150
_NEXT_LOOK = 0.05
_SERVES = re.compile(r"worker (\d+) serves")


class Program:
    """One `mnemos` and the processes that it has started."""

    def __init__(self, running: Owned, log: Path, port: int = 0, workers: int = 0) -> None:
        self._running = running
        self._log = log
        self._many = workers
        self.port = port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def workers(self) -> Collection[int]:
        """The processes that answer, by id."""
        serving = {int(pid) for pid in _SERVES.findall(self.said)}
        return serving & {each.pid for each in self._children()}

    def listeners_of(self, worker: int) -> int:
        """Return how many connections a worker has taken in."""
        connections = psutil.Process(worker).net_connections("tcp")
        return sum(each.status == psutil.CONN_ESTABLISHED for each in connections)

    def send(self, how: signal.Signals) -> None:
        self._running.send(how)

    async def all_serve(self, *, without: Collection[int] = ()) -> Collection[int]:
        """Wait until as many workers answer as there shall be, and none of ``without``."""
        await self._until(lambda: len(self.workers) == self._many)
        await self._until(lambda: not set(without) & set(self.workers))
        await self._until(lambda: len(self.workers) == self._many)
        return self.workers

    async def says(self, words: str) -> None:
        await self._until(lambda: words in self.said)

    async def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal, and wait until it and all that it has started are gone."""
        children = self._children()
        await asyncio.to_thread(self._running.end, how)
        if how is signal.SIGKILL:
            for each in children:
                each.kill()
        await self._until(lambda: not any(each.is_running() for each in children))

    def _children(self) -> list[psutil.Process]:
        if not self._running.alive():
            return []
        return psutil.Process(self._running.pid).children()

    async def _until(self, holds: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(STARTS_WITHIN_SECONDS):
                while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
                    await asyncio.sleep(_NEXT_LOOK)
        except TimeoutError:
            raise AssertionError(self.said[-4_000:]) from None


@dataclass(slots=True)
class Stack:
    """The three servers, and what is started over them."""

    folder: Path
    neo4j: Neo4jServer
    chroma: ChromaProcess
    redis: RedisServer
    settings: dict[str, str] = field(default_factory=dict)
    """Of every program that is started, over those that all have."""
    bug: str = ""
    """What is planted into every program that is started: see ``planted``."""
    _started: int = 0

    @asynccontextmanager
    async def serve(self, *, workers: int = 2, port: int = 0) -> AsyncGenerator[Program, None]:
        """Start `mnemos serve`, and wait until each of its workers answers."""
        port = port or free_port()
        arguments = ("serve", "--port", str(port), "--workers", str(workers))
        async with self._program(arguments, port, workers) as program:
            await program.all_serve()
            yield program

    @asynccontextmanager
    async def job_worker(self) -> AsyncGenerator[Program, None]:
        """Start `mnemos worker`, and wait until it takes jobs."""
        async with self._program(("worker",)) as program:
            await program.says("works jobs off")
            yield program

    @asynccontextmanager
    async def _program(
        self, arguments: Collection[str], port: int = 0, workers: int = 0
    ) -> AsyncGenerator[Program, None]:
        self._started += 1
        name = f"program-{self._started}"
        log = self.folder / f"{name}.log"
        log.touch()
        module = ("tests.faults.stack.planted", self.bug) if self.bug else ("mnemos",)
        environment = (f"{key}={value}" for key, value in self._environment(name).items())
        command = ("env", *environment, sys.executable, "-m", *module, *arguments)
        program = Program(Owned(command, port=port, log=log), log, port, workers)
        try:
            yield program
        finally:
            await program.end()

    def _environment(self, name: str) -> Mapping[str, str]:
        return {
            "MNEMOS_DATA": str(self.folder / name),
            "MNEMOS_STORE": self.neo4j.url,
            "MNEMOS_VECTORS": self.chroma.url,
            "MNEMOS_BUS": self.redis.url,
            "MNEMOS_EMBEDDER": "none:",
            "MNEMOS_ADDRESS_RATE": "0",
            **self.settings,
        }

    async def positions(self) -> list[int]:
        """Return every number of the log, as Neo4j has it."""
        asked = "MATCH (c:Change {org: 'local'}) RETURN c.position ORDER BY c.position"
        address = f"bolt://127.0.0.1:{self.neo4j.port}"
        async with AsyncGraphDatabase.driver(address, auth=("neo4j", PASSWORD)) as driver:
            records, *_ = await driver.execute_query(asked)
        return [record[0] for record in records]


@asynccontextmanager
async def clients(
    url: str, number: int, gives_up: float = DEFAULT_TIMEOUT
) -> AsyncGenerator[list[AsyncClient], None]:
    """Open clients, each with connections of its own."""
    async with AsyncExitStack() as opened:
        yield [
            await opened.enter_async_context(AsyncClient(url, timeout=gives_up))
            for _ in range(number)
        ]
