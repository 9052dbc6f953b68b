"""The stores that everything in the graph is tried on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mnemos_graph.feed import Journal, LocalBus
from mnemos_graph.neo4j import open_neo4j
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import GraphStore
from tests.conformance.memory_store import MemoryStore
from tests.servers.neo4j import emptied


@pytest.fixture(params=["reference", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[GraphStore]:
    if request.param == "reference":
        yield MemoryStore()
        return
    if request.param == "neo4j":
        url = await emptied(request.getfixturevalue("shared_neo4j"))
        async with open_neo4j(url) as production:
            yield production
        return
    opened = await SqliteStore.open(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
def journal(store: GraphStore) -> Journal:
    return Journal(store, LocalBus())
