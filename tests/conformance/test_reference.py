from __future__ import annotations

import pytest

from mnemos_graph.store import GraphStore
from tests.conformance.memory_store import MemoryStore
from tests.conformance.suite import GraphStoreSuite


class TestMemoryStore(GraphStoreSuite):
    @pytest.fixture
    def store(self) -> GraphStore:
        return MemoryStore()
