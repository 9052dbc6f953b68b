"""The services of one process, put together over one store."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from mnemos_graph.feed import Feed, Journal, LocalBus
from mnemos_graph.memory.memories import Memories
from mnemos_graph.store import GraphStore
from mnemos_schema.context import Services


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_services(store: GraphStore) -> AsyncGenerator[Services, None]:
    """Open everything that works on ``store`` within the running event loop."""
    bus = LocalBus()
    async with Feed(store, bus) as feed:
        yield Services(store=store, feed=feed, memories=Memories(Journal(store, bus), now))
