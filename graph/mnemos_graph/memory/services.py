"""Everything that the memory does, put together over the parts that it stands on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mnemos_graph.feed import Bus, Feed, Journal, LocalBus
from mnemos_graph.memory.facts import Facts
from mnemos_graph.memory.memories import Memories
from mnemos_graph.memory.remember import Rememberer
from mnemos_graph.store import GraphStore


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the memory stands on. Whoever opened a part closes it, after the services."""

    store: GraphStore
    bus: Bus = field(default_factory=LocalBus)
    clock: Callable[[], datetime] = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the product does. Every operation takes the caller's ``Access`` first."""

    store: GraphStore
    feed: Feed
    memories: Memories
    facts: Facts
    rememberer: Rememberer


@asynccontextmanager
async def open_services(parts: Parts) -> AsyncGenerator[Services, None]:
    """Open every service within the running event loop; on the way out, end all that follows."""
    journal = Journal(parts.store, parts.bus)
    async with Feed(parts.store, parts.bus) as feed:
        yield Services(
            store=parts.store,
            feed=feed,
            memories=Memories(journal, parts.clock),
            facts=Facts(journal, parts.clock),
            rememberer=Rememberer(journal, parts.clock),
        )
