"""Several processes on one store: each embeds what it writes, and one what is left over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from mnemos_graph.feed import Feed, Journal, LocalBus
from mnemos_graph.memory.indexing.indexing import Indexer, IndexingJournal
from mnemos_graph.model import Memory, Position
from mnemos_graph.store import ChangeSet, DerivedRef, GraphStore, Put
from tests.conformance.samples import ACME, memory
from tests.embedders import WordEmbedder
from tests.leasing import SharedLeases

ORG = ACME.organization
LEASE = f"embed:{ORG}:{WordEmbedder().generation}"
SOON = timedelta(seconds=0.3)


class Slow(WordEmbedder):
    """Takes a moment, in which a commit is seen elsewhere."""

    async def embed(
        self, texts: Sequence[str], *, urgent: bool = False
    ) -> Sequence[NDArray[np.float32]]:
        await asyncio.sleep(0.02)
        return await super().embed(texts)


class BreaksOn(WordEmbedder):
    """Has a defect that one word brings out."""

    async def embed(
        self, texts: Sequence[str], *, urgent: bool = False
    ) -> Sequence[NDArray[np.float32]]:
        if any("abracadabra" in text for text in texts):
            raise ZeroDivisionError
        return await super().embed(texts)


@dataclass
class Process:
    indexer: Indexer
    journal: IndexingJournal
    embedder: WordEmbedder

    async def write(self, *texts: str) -> Position:
        return await put(self.journal, *map(memory, texts))

    async def passed(self, position: int) -> None:
        async with asyncio.timeout(10):
            await self.indexer.passed(ORG, Position(position))


class Cluster:
    def __init__(self, store: GraphStore, stack: AsyncExitStack) -> None:
        self._store, self._stack = store, stack
        self.leases, self.bus = SharedLeases(), LocalBus()
        self.silent = Journal(store, self.bus)
        """Writes as a process that dies before it embeds."""

    @asynccontextmanager
    async def process(
        self, embedder: WordEmbedder | None = None, grace: timedelta = SOON
    ) -> AsyncIterator[Process]:
        embedder = embedder or WordEmbedder()
        async with (
            Feed(self._store, self.bus) as feed,
            Indexer(
                self._store,
                feed,
                embedder,
                retry_seconds=(0.01,),
                leases=self.leases,
                others=True,
                grace=grace,
            ) as indexer,
        ):
            yield Process(indexer, IndexingJournal(self._store, self.bus, indexer), embedder)

    async def start(self, embedder: WordEmbedder | None = None, grace: timedelta = SOON) -> Process:
        process = await self._stack.enter_async_context(self.process(embedder, grace))
        process.indexer.follow(ORG)
        await process.passed(0)
        await asyncio.sleep(0)
        return process


@pytest.fixture
async def cluster(store: GraphStore) -> AsyncIterator[Cluster]:
    async with AsyncExitStack() as stack:
        yield Cluster(store, stack)


async def put(journal: Journal, *memories: Memory) -> Position:
    return (await journal.commit(ACME, ChangeSet(tuple(map(Put, memories))))).last


async def has_vector(store: GraphStore, kept: Memory) -> bool:
    ref = DerivedRef(kept.id, kept.version, "words 1")
    return ref in await store.derived(ACME, [ref])


async def test_what_each_process_writes_is_embedded_by_that_one_only(cluster: Cluster) -> None:
    day = timedelta(days=1)
    first, second = [await cluster.start(Slow(), grace=day) for _ in range(2)]
    ends = await asyncio.gather(
        *(
            process.write(f"{name} {n}")
            for n in range(20)
            for name, process in (("first", first), ("second", second))
        )
    )
    for process in (first, second):
        await process.passed(max(ends))
    assert sorted(first.embedder.texts) == sorted(f"first {n}" for n in range(20))
    assert sorted(second.embedder.texts) == sorted(f"second {n}" for n in range(20))


async def test_what_is_left_over_is_embedded_once_by_one_of_them(
    cluster: Cluster, store: GraphStore
) -> None:
    processes = [await cluster.start() for _ in range(3)]
    left = [memory(f"note {n}") for n in range(5)]
    end = await put(cluster.silent, *left)
    for process in processes:
        await process.passed(end)
    assert [await has_vector(store, each) for each in left] == [True] * 5
    assert sorted(text for process in processes for text in process.embedder.texts) == [
        f"note {n}" for n in range(5)
    ]


async def test_who_waits_goes_on_as_soon_as_the_vectors_are_kept(
    cluster: Cluster, store: GraphStore
) -> None:
    async with cluster.leases.hold(LEASE):
        process = await cluster.start()
        await process.indexer._keep_mark(ACME, Position(0))
        left = memory("left over")
        end = await put(cluster.silent, left)
        waiting = asyncio.create_task(process.passed(end))
        await asyncio.sleep(0.25)
        assert not waiting.done()
        await process.indexer.index(ACME, [left])
        await waiting


async def test_what_the_model_breaks_on_keeps_nobody_waiting_elsewhere(cluster: Cluster) -> None:
    first, second = await cluster.start(BreaksOn()), await cluster.start()
    end = await put(cluster.silent, memory("abracadabra"), memory("tea"))
    await second.passed(end)
    await first.passed(end)
    assert first.embedder.texts == ["tea"]


async def test_when_the_one_who_embeds_ends_another_goes_on(
    cluster: Cluster, store: GraphStore
) -> None:
    async with cluster.process() as first:
        await first.write("tea")
        await first.passed(1)
        second = await cluster.start()
        await second.passed(1)
    left = memory("left over")
    await second.passed(await put(cluster.silent, left))
    assert await has_vector(store, left)
    assert second.embedder.texts == ["left over"]


async def test_who_loses_the_lease_stops_and_somebody_goes_on(
    cluster: Cluster, store: GraphStore
) -> None:
    first, second = await cluster.start(), await cluster.start()
    for n in range(3):
        left = memory(f"left over {n}")
        end = await put(cluster.silent, left)
        cluster.leases.take_away(LEASE)
        await first.passed(end)
        await second.passed(end)
        assert await has_vector(store, left)
