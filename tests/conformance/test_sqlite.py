"""The SQLite store keeps every promise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mnemos_graph.sqlite import SqliteStore
from tests.conformance.suite import GraphStoreSuite


class TestSqliteStore(GraphStoreSuite):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SqliteStore]:
        store = await SqliteStore.open(tmp_path)
        yield store
        await store.close()
