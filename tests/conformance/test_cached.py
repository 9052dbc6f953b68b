"""The cache keeps every promise of the store that it stands over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mnemos_graph.cache.opening import open_cache
from mnemos_graph.feed import Feed, LocalBus
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import GraphStore
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, GLOBEX
from tests.conformance.suite import GraphStoreSuite


class TestCacheOverTheReference(GraphStoreSuite):
    @pytest.fixture(params=["reading", "deciding"])
    async def store(self, request: pytest.FixtureRequest) -> AsyncIterator[GraphStore]:
        inner = MemoryStore()
        async with Feed(inner, LocalBus()) as feed, open_cache(inner, feed) as cache:
            await cache.store.heads([ACME, GLOBEX])
            yield cache.store if request.param == "reading" else cache.deciding


class TestCacheOverSqlite(GraphStoreSuite):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[GraphStore]:
        inner = await SqliteStore.open(tmp_path)
        async with Feed(inner, LocalBus()) as feed, open_cache(inner, feed) as cache:
            await cache.store.heads([ACME, GLOBEX])
            yield cache.store
        await inner.close()
