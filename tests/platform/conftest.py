from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mnemos import local
from mnemos.app import create_app
from mnemos_graph.memory.services import Parts, open_services
from tests.conformance.memory_store import MemoryStore
from tests.serving import Client, client_of


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    store = MemoryStore()
    async with client_of(
        create_app(lambda: open_services(Parts(store=store)), local.authenticate)
    ) as client:
        yield client
