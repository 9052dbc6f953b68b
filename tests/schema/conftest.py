from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mnemos import local
from mnemos.app import create_app
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import GraphStore
from tests.conformance.memory_store import MemoryStore
from tests.serving import Client, client_of


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
    async with client_of(
        create_app(lambda: open_services(Parts(store=store)), local.authenticate)
    ) as client:
        yield client
