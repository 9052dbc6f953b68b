"""A real Redis for tests: on a free port, over a folder of its own, gone with the test."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.servers.owned import Owned, free_port, program

GETS_IT = "apt-get install redis-server"


class RedisServer:
    """One `redis-server`, which can be killed, stopped and started again on the same port."""

    def __init__(self, folder: Path, options: Sequence[str] = (), *, appends: bool = True) -> None:
        self.port = free_port()
        self.folder = folder
        self._options = tuple(options)
        self._appends = appends
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    @property
    def pid(self) -> int:
        return self._running.pid

    def start(self, *, empty: bool = False) -> None:
        """Start it again after its end, with what it had on disk or ``empty``."""
        if empty:
            shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
        persistence = ("yes", "always") if self._appends else ("no", "no")
        self._running = Owned(
            (
                program("redis-server", GETS_IT),
                *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder),
                *("--save", "", "--appendonly", persistence[0], "--appendfsync", persistence[1]),
                *self._options,
            ),
            port=self.port,
            log=self.folder / "redis.log",
        )
        try:
            self._running.wait_until_it_listens()
        except BaseException:
            self._running.end()
            raise

    def end(self) -> None:
        """Kill it, as a power cut would."""
        self._running.end()

    def restart(self, *, empty: bool = False) -> None:
        self.end()
        self.start(empty=empty)

    def stall(self) -> None:
        """Keep every connection, and answer nothing."""
        self._running.send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._running.send(signal.SIGCONT)


@contextmanager
def running(
    folder: Path, *options: str, appends: bool = True
) -> Generator[RedisServer, None, None]:
    folder.mkdir(parents=True, exist_ok=True)
    server = RedisServer(folder, options, appends=appends)
    try:
        yield server
    finally:
        server.end()


@asynccontextmanager
async def redis_server(
    folder: Path, *options: str, appends: bool = True
) -> AsyncGenerator[RedisServer, None]:
    """Run one with further ``options`` of its command line; ``appends``: it keeps what it has."""
    program("redis-server", GETS_IT)
    started = running(folder, *options, appends=appends)
    server = await asyncio.to_thread(started.__enter__)
    try:
        yield server
    finally:
        await asyncio.to_thread(server.end)


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Generator[RedisServer, None, None]:
    """One server for the tests of a process; each uses a prefix or an organization of its own."""
    with running(tmp_path_factory.mktemp("redis")) as server:
        yield server
