"""The SQLite store keeps every promise."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import GraphStore
from tests.conformance.same_answers import OpenStore, SameAnswers
from tests.conformance.suite import GraphStoreSuite


class TestSqliteStore(GraphStoreSuite, SameAnswers):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> OpenStore:
        folders = count()

        @asynccontextmanager
        async def opened() -> AsyncGenerator[GraphStore, None]:
            folder = tmp_path / f"store-{next(folders)}"
            folder.mkdir()
            store = await SqliteStore.open(folder)
            try:
                yield store
            finally:
                await store.close()

        return opened

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SqliteStore]:
        store = await SqliteStore.open(tmp_path)
        yield store
        await store.close()
