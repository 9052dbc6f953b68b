"""The Neo4j store keeps every promise, against a real server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mnemos_graph.directory import Directory
from mnemos_graph.neo4j import Neo4jStore, open_neo4j
from mnemos_graph.store import GraphStore
from tests.conformance.directory_suite import DirectorySuite
from tests.conformance.same_answers import OpenStore, SameAnswers
from tests.conformance.suite import GraphStoreSuite
from tests.servers.neo4j import Neo4jServer, emptied

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


class TestNeo4jStore(GraphStoreSuite, SameAnswers):
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


class TestNeo4jDirectory(DirectorySuite):
    @pytest.fixture
    async def empty(self, shared_neo4j: Neo4jServer) -> AsyncIterator[Directory]:
        async with open_neo4j(await emptied(shared_neo4j)) as store:
            yield store.directory
