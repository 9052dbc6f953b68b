"""Opening all that gives memories their vectors and searches widely by them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from mnemos_graph.feed import Feed
from mnemos_graph.index.reading import NO_GENERATION, Generation, Generations
from mnemos_graph.language.embedder import Embedder
from mnemos_graph.language.token_embedder import TokenEmbedder
from mnemos_graph.leases import Leases
from mnemos_graph.memory.indexing.collecting import Collecting
from mnemos_graph.memory.indexing.indexing import Indexer
from mnemos_graph.memory.indexing.makers import Maker, Makers
from mnemos_graph.memory.indexing.reembedding import LINGERS, OTHERS_LINGER, Reembedding
from mnemos_graph.memory.indexing.reindexing import REINDEX, Reindexing
from mnemos_graph.memory.indexing.settling import REEMBED, Settling
from mnemos_graph.memory.indexing.succession import Made, Successions
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.store import GraphStore
from mnemos_graph.vectors import OpenVectors, VectorStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedders:
    """What is to be embedded by, and kept of it."""

    configured: Embedder
    previous: Embedder | None = None
    """The one before; one that makes the same is none."""
    tokens: bool = True
    """Whether vectors of tokens are kept, where an embedder has them."""

    @property
    def before(self) -> Embedder | None:
        previous = self.previous
        same = previous is None or previous.generation == self.configured.generation
        return None if same else previous


@dataclass(frozen=True, slots=True, kw_only=True)
class Wide:
    """By what is searched widely, and from how many memories on."""

    open_vectors: OpenVectors
    outgrown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexing:
    """All of it; nothing where there is no embedder."""

    makers: Makers | None = None
    reindexing: Reindexing | None = None
    reembedding: Reembedding | None = None
    handlers: Mapping[str, Callable[[Work], Awaitable[None]]] = field(default_factory=dict)

    @property
    def indexers(self) -> Sequence[Indexer]:
        return [maker.indexer for maker in self.makers or ()]

    @property
    def collectings(self) -> Sequence[Collecting]:
        return [maker.collecting for maker in self.makers or () if maker.collecting]

    @property
    def indexer(self) -> Indexer | None:
        """Of the embedder that is set."""
        return self.makers.configured.indexer if self.makers else None

    @property
    def collecting(self) -> Collecting | None:
        return self.makers.configured.collecting if self.makers else None

    @property
    def generations(self) -> Generations:
        return self.makers.configured.generations if self.makers else Generations(NO_GENERATION)


async def open_indexing(
    stack: AsyncExitStack,
    embedders: Embedders,
    wide: Wide | None,
    *,
    store: GraphStore,
    reading: GraphStore,
    feed: Feed,
    jobs: Jobs,
    leases: Leases,
    others: bool,
) -> Indexing:
    """Open it within the running event loop; the ``stack`` ends it.

    Args:
        stack: left before the feed is.
        embedders: what is to be embedded by.
        wide: None: there are no wide searches by vector.
        store: always read as it is now.
        reading: what answers are looked up in; it may be a little behind.
        feed: what is followed.
        jobs: take in what goes on for long.
        leases: for what one of all processes does at a time.
        others: there are other processes on the same store.
    """
    before = embedders.before
    successions = Successions(store, leases, others=others)
    settling = Settling(
        store,
        successions,
        jobs,
        _made(embedders.configured, tokens=embedders.tokens),
        None if before is None else _made(before, tokens=embedders.tokens),
    )
    open_vectors = None if wide is None else wide.open_vectors
    if open_vectors is not None and before is not None:
        open_vectors = _opened_once(open_vectors, stack)

    async def maker(embedder: Embedder) -> Maker:
        indexer = Indexer(
            reading,
            feed,
            embedder,
            tokens=embedders.tokens,
            leases=leases,
            charge=settling,
            others=others,
        )
        await stack.enter_async_context(indexer)
        collecting = None
        if wide is not None and open_vectors is not None:
            collecting = Collecting(
                store,
                feed,
                indexer,
                open_vectors,
                outgrown=wide.outgrown,
                reading=reading,
                leases=leases,
                others=others,
                sibling=before is not None,
            )
            await stack.enter_async_context(collecting)
        return Maker(embedder, _generations(embedder, tokens=embedders.tokens), indexer, collecting)

    configured = await maker(embedders.configured)
    previous = None if before is None else await maker(before)
    reembedding = Reembedding(
        store,
        successions,
        configured.indexer,
        configured.collecting,
        leases,
        lingers=OTHERS_LINGER if others else LINGERS,
    )
    reindexing = Reindexing(store, jobs, settling, configured.indexer, configured.collecting)
    return Indexing(
        makers=Makers(successions, configured, previous),
        reindexing=reindexing,
        reembedding=reembedding,
        handlers={REINDEX: reindexing.handle, REEMBED: reembedding.handle},
    )


def _opened_once(open_vectors: OpenVectors, stack: AsyncExitStack) -> OpenVectors:
    """Return what opens the vectors for the first who needs them, and gives all others the same."""
    opened: list[VectorStore] = []
    turn = asyncio.Lock()

    @asynccontextmanager
    async def vectors() -> AsyncGenerator[VectorStore, None]:
        async with turn:
            if not opened:
                opened.append(await stack.enter_async_context(open_vectors()))
        yield opened[0]

    return vectors


def _made(embedder: Embedder, *, tokens: bool) -> Made:
    if tokens and isinstance(embedder, TokenEmbedder):
        return Made(embedder.generation, embedder.token_generation)
    return Made(embedder.generation)


def _generations(embedder: Embedder, *, tokens: bool) -> Generations:
    vectors = Generation(embedder.generation, embedder.dimensions)
    if tokens and isinstance(embedder, TokenEmbedder):
        return Generations(
            vectors, Generation(embedder.token_generation, embedder.token_dimensions)
        )
    return Generations(vectors)
