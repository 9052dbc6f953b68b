from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from mnemos_graph.sqlite import SqliteStore
from tests.isolation.house import House, house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The program that all tests of a module share; each makes organizations of its own."""
    async with house(tmp_path_factory.mktemp("home"), SqliteStore) as opened:
        yield opened
