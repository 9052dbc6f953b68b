"""Every directory keeps every promise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mnemos_graph.directory import Directory
from mnemos_graph.sqlite import SqliteStore
from tests.conformance.directory_suite import DirectorySuite
from tests.conformance.memory_directory import MemoryDirectory


class TestMemoryDirectory(DirectorySuite):
    @pytest.fixture
    def empty(self) -> Directory:
        return MemoryDirectory()


class TestSqliteDirectory(DirectorySuite):
    @pytest.fixture
    async def empty(self, tmp_path: Path) -> AsyncIterator[Directory]:
        store = await SqliteStore.open(tmp_path)
        yield store.directory
        await store.close()
