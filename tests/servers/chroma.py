"""A real Chroma server for tests: on a free port, over a folder of its own, gone with the test."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest

from mnemos_graph.model import Access, RecordId
from mnemos_graph.store import VersionRef
from mnemos_graph.vectors.rows import collections_of
from tests.servers.owned import Server, started, until_left

PROGRAM = Path(sys.executable).with_name("chroma")
"""It comes with the library."""
COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"


class ChromaProcess(Server):
    """One `chroma run`."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def kept(self) -> Path:
        return self.folder / "data"

    def command(self) -> Sequence[str | Path]:
        where = ("--host", "127.0.0.1", "--port", str(self.port))
        return (PROGRAM, "run", "--path", self.kept, *where)


def chroma_server(folder: Path) -> AbstractAsyncContextManager[ChromaProcess]:
    return started(lambda: ChromaProcess(folder))


async def held(url: str, access: Access) -> set[VersionRef]:
    """Return every point that the server has of an organization, without our own client."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        listed = (await client.get(COLLECTIONS)).json()
        own = [each["id"] for each in listed if each["name"].startswith(collections_of(access))]
        body = {"limit": 1_000_000, "include": []}
        pages = [(await client.post(f"{COLLECTIONS}/{id_}/get", json=body)).json() for id_ in own]
    parts = (row.rsplit(":", 2) for page in pages for row in page["ids"])
    return {VersionRef(RecordId(id_), int(version)) for id_, version, _ in parts}


@pytest.fixture(scope="session")
def shared_chroma(
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[ChromaProcess, None, None]:
    """One server for the tests of a process; each uses organizations of its own, or drops them."""
    with until_left(ChromaProcess(tmp_path_factory.mktemp("chroma"))) as server:
        yield server
