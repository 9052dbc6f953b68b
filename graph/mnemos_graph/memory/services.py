"""Everything that the memory does, put together over the parts that it stands on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mnemos_graph.feed import Bus, Feed, Journal, LocalBus
from mnemos_graph.memory.blocks import Blocks
from mnemos_graph.memory.embedding import Embeds
from mnemos_graph.memory.entities import Entities
from mnemos_graph.memory.facts import Facts
from mnemos_graph.memory.indexing import Indexer, IndexingJournal
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
    embedder: Embeds | None = None
    """None: nothing is found by vector."""
    clock: Callable[[], datetime] = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the product does. Every operation takes the caller's ``Access`` first."""

    store: GraphStore
    feed: Feed
    indexer: Indexer | None
    memories: Memories
    facts: Facts
    entities: Entities
    blocks: Blocks
    rememberer: Rememberer


@asynccontextmanager
async def open_services(parts: Parts) -> AsyncGenerator[Services, None]:
    """Open every service within the running event loop; on the way out, end all that follows."""
    async with Feed(parts.store, parts.bus) as feed, AsyncExitStack() as stack:
        journal, indexer = Journal(parts.store, parts.bus), None
        if parts.embedder is not None:
            indexer = Indexer(parts.store, feed, parts.embedder)
            journal = IndexingJournal(parts.store, parts.bus, indexer)
            await stack.enter_async_context(indexer)
        yield Services(
            store=parts.store,
            feed=feed,
            indexer=indexer,
            memories=Memories(journal, parts.clock),
            facts=Facts(journal, parts.clock),
            entities=Entities(journal, parts.clock),
            blocks=Blocks(journal, parts.clock),
            rememberer=Rememberer(journal, parts.clock),
        )
