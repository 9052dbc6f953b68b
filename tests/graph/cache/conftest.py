from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mnemos_graph.feed import LocalBus
from tests.conformance.memory_store import MemoryStore
from tests.graph.cache.processes import Clock, Process, process


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inner() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus()


@pytest.fixture
async def here(inner: MemoryStore, bus: LocalBus, clock: Clock) -> AsyncIterator[Process]:
    async with process(inner, bus, clock) as opened:
        yield opened


@pytest.fixture
async def there(inner: MemoryStore, bus: LocalBus, clock: Clock) -> AsyncIterator[Process]:
    async with process(inner, bus, clock) as opened:
        yield opened
