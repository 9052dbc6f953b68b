"""A real Chroma server for tests: on a free port, over a folder of its own, gone with the test."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest

from mnemos_graph.model import Access, RecordId
from mnemos_graph.store import VersionRef
from mnemos_graph.vectors.rows import collection_name
from tests.servers.owned import Owned, free_port

PROGRAM = Path(sys.executable).with_name("chroma")
"""It comes with the library."""
COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"


class ChromaProcess:
    """One `chroma run`, which can be killed, stopped and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    @property
    def pid(self) -> int:
        return self._running.pid

    def start(self, *, empty: bool = False) -> None:
        """Start it again after its end, with what it had on disk or ``empty``."""
        if empty:
            shutil.rmtree(self.folder / "data", ignore_errors=True)
        self._running = Owned(
            (
                *(PROGRAM, "run", "--path", self.folder / "data"),
                *("--host", "127.0.0.1", "--port", str(self.port)),
            ),
            port=self.port,
            log=self.folder / "chroma.log",
        )
        self._running.wait_until_it_listens()

    def end(self) -> None:
        """Kill it, as a power cut would."""
        self._running.end()

    def stall(self) -> None:
        """Keep every connection, and answer nothing."""
        self._running.send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._running.send(signal.SIGCONT)


@contextmanager
def running(folder: Path) -> Generator[ChromaProcess, None, None]:
    folder.mkdir(parents=True, exist_ok=True)
    server = ChromaProcess(folder)
    try:
        yield server
    finally:
        server.end()


@asynccontextmanager
async def chroma_server(folder: Path) -> AsyncGenerator[ChromaProcess, None]:
    started = running(folder)
    server = await asyncio.to_thread(started.__enter__)
    try:
        yield server
    finally:
        await asyncio.to_thread(server.end)


async def held(url: str, access: Access) -> set[VersionRef]:
    """Return every point that the server has of an organization, without our own client."""
    async with httpx.AsyncClient(base_url=url + COLLECTIONS, timeout=30) as client:
        found = await client.get(f"/{collection_name(access)}")
        body = {"limit": 1_000_000, "include": []}
        rows = await client.post(f"/{found.json()['id']}/get", json=body)
    parts = (row.rsplit(":", 2) for row in rows.json()["ids"])
    return {VersionRef(RecordId(id_), int(version)) for id_, version, _ in parts}


@pytest.fixture(scope="session")
def shared_chroma(
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[ChromaProcess, None, None]:
    """One server for the tests of a process; each uses organizations of its own, or drops them."""
    with running(tmp_path_factory.mktemp("chroma")) as server:
        yield server
