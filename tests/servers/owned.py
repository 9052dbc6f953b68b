"""A server that runs as a process of its own and never outlives the test that started it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

import pytest


class Ends(Protocol):
    def end(self) -> None:
        """Kill it, as a power cut would."""
        ...


S = TypeVar("S", bound=Ends)

# The shell waits for the end of its input, which comes when the test process ends, however it does.
_KEEPER = '"$@" >>"$LOG" 2>&1 </dev/null & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null'
_STARTS_WITHIN_SECONDS = 30
_ENDS_WITHIN_SECONDS = 60
_OTHER_END = ("127.0.0.2", 0)
"""Where the wait connects from: from the port's own address it could meet itself there."""


def program(name: str, gets_it: str) -> str:
    """Return the path of a program; skip the test where there is none, saying what gets it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"There is no {name} here. Get it: {gets_it}")
    return found


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _ENDS_WITHIN_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        time.sleep(0.005)


class Owned:
    """One server process, which listens on a port of 127.0.0.1 and logs to a file."""

    def __init__(self, command: Sequence[str | Path], *, port: int, log: Path) -> None:
        self._log = log
        self._port = port
        self._keeper = subprocess.Popen(
            ["sh", "-c", _KEEPER, "sh", *command],
            env=os.environ | {"LOG": str(log)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._keeper.stdout is not None
        self.pid = int(self._keeper.stdout.readline())

    def wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
        while True:
            if self.listens():
                return
            if not self.alive() or time.monotonic() > deadline:
                raise AssertionError(self._log.read_text()[-2_000:])
            time.sleep(0.02)

    def listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), 1, _OTHER_END).close()
        except OSError:
            return False
        return True

    def alive(self) -> bool:
        try:
            status = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        return status != "Z"

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal and wait until the process is gone. Ending twice does nothing."""
        if self._keeper.poll() is not None:
            return
        if self.alive():
            self.send(number)
            _until(lambda: not self.alive(), f"process {self.pid} does not end")
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        self._keeper.stdin.close()
        self._keeper.stdout.close()
        self._keeper.wait()


class Server(ABC):
    """One server that can be killed, stopped and started again on the same port.

    Args:
        folder: what it keeps is there, and its log.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self.start()

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    @abstractmethod
    def kept(self) -> Path:
        """The folder of what it keeps."""

    @abstractmethod
    def command(self) -> Sequence[str | Path]:
        """Return what starts it."""

    def start(self, *, empty: bool = False) -> None:
        """Start it again after its end, with what it had on disk or ``empty``."""
        if empty:
            shutil.rmtree(self.kept, ignore_errors=True)
        self._running = Owned(self.command(), port=self.port, log=self.folder / "server.log")
        try:
            self._running.wait_until_it_listens()
        except BaseException:
            self._running.end()
            raise

    def end(self) -> None:
        """Kill it, as a power cut would, and wait until the next one can have its port."""
        self._running.end()
        _until(lambda: not self._running.listens(), f"port {self.port} is still held")

    def restart(self, *, empty: bool = False) -> None:
        self.end()
        self.start(empty=empty)

    def stall(self) -> None:
        """Keep every connection, and answer nothing."""
        self._running.send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._running.send(signal.SIGCONT)


@contextmanager
def until_left(server: S) -> Generator[S, None, None]:
    """Give a server that runs, and end it."""
    try:
        yield server
    finally:
        server.end()


@asynccontextmanager
async def started(start: Callable[[], S]) -> AsyncGenerator[S, None]:
    """Start a server beside the event loop, and end it."""
    server = await asyncio.to_thread(start)
    try:
        yield server
    finally:
        await asyncio.to_thread(server.end)
