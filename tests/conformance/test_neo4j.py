"""The Neo4j store keeps every promise, against a real server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from mnemos_graph.directory import Directory
from mnemos_graph.neo4j import Neo4jStore, open_neo4j
from mnemos_graph.store import GraphStore
from tests.conformance.directory_suite import DirectorySuite
from tests.conformance.generated import histories
from tests.conformance.same_answers import History, OpenStore, compare
from tests.conformance.suite import GraphStoreSuite
from tests.servers.neo4j import Neo4jServer, emptied

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


class TestNeo4jStore(GraphStoreSuite):
    @pytest.fixture
    def open_store(self, shared_neo4j: Neo4jServer) -> OpenStore:
        @asynccontextmanager
        async def opened() -> AsyncGenerator[GraphStore, None]:
            async with open_neo4j(await emptied(shared_neo4j)) as store:
                yield store

        return opened

    @pytest.fixture
    async def store(self, shared_neo4j: Neo4jServer) -> AsyncIterator[Neo4jStore]:
        async with open_neo4j(await emptied(shared_neo4j)) as store:
            yield store

    # Every new form of question is planned by the server first, so there are fewer than elsewhere,
    # and what fails is not made smaller. HISTORIES=60 asks for more.
    @pytest.mark.filterwarnings("ignore:Generating overly large repr")
    @settings(
        deadline=None,
        max_examples=int(os.environ.get("HISTORIES", "3")),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(history=histories)
    def test_any_history_leaves_the_same_answers(
        self, open_store: OpenStore, history: History
    ) -> None:
        asyncio.run(compare(open_store, history))


class TestNeo4jDirectory(DirectorySuite):
    @pytest.fixture
    async def empty(self, shared_neo4j: Neo4jServer) -> AsyncIterator[Directory]:
        async with open_neo4j(await emptied(shared_neo4j)) as store:
            yield store.directory
