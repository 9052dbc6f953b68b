from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import GraphStore
from tests.conformance.memory_store import MemoryStore
from tests.serving import Client, client_of, program_on


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[GraphStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    opened = await SqliteStore.open(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def client(store: GraphStore) -> AsyncIterator[Client]:
    async with program_on(store) as program, client_of(program) as client:
        yield client
