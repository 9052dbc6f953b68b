"""Several processes over one vector store: one fills a collection, and all search it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mnemos_graph.feed import Feed, LocalBus
from mnemos_graph.memory.indexing.collecting import Collecting
from mnemos_graph.memory.indexing.embedding import ref_of, whole
from mnemos_graph.memory.indexing.indexing import Indexer, IndexingJournal
from mnemos_graph.model import Access, Memory, Position, RecordKind
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Erase, GraphStore, Put, VersionRef
from mnemos_graph.vectors import Point, Stand, VectorStore
from tests.conformance.memory_vectors import MemoryVectors
from tests.conformance.samples import ACME, memory
from tests.embedders import WordEmbedder
from tests.leasing import SharedLeases
from tests.waiting import until

ORG = ACME.organization
EVERYBODY = whole(ORG)
GENERATION = WordEmbedder().generation
LEASE = f"collect:{ORG}:{GENERATION}"
LIMIT = 10


class Shared(MemoryVectors):
    """One server for all; counts what is put, and how often a collection begins."""

    def __init__(self) -> None:
        super().__init__()
        self.put_points, self.begun, self.swept = 0, 0, 0

    async def begin(self, access: Access, generation: str, stand: Stand) -> None:
        self.begun += 1
        await super().begin(access, generation, stand)

    async def put(self, access: Access, generation: str, points: Sequence[Point]) -> None:
        self.put_points += len(points)
        await super().put(access, generation, points)

    async def remove(self, access: Access, generation: str, refs: Collection[VersionRef]) -> None:
        self.swept += len(refs)
        await super().remove(access, generation, refs)


@dataclass
class Process:
    store: GraphStore
    journal: IndexingJournal
    collecting: Collecting

    async def write(self, *texts: str) -> list[Memory]:
        memories = [memory(text) for text in texts]
        await self.journal.commit(ACME, ChangeSet(tuple(map(Put, memories))))
        return memories

    async def passed(self) -> None:
        (head,) = await self.store.heads([ACME])
        async with asyncio.timeout(10):
            await self.collecting.passed(ORG, head.position)

    async def near(self, text: str) -> list[str] | None:
        """Return what is nearest; nothing while no collection answers; None: none is needed."""
        (rows,) = await WordEmbedder().embed([text])
        wide = await self.collecting.nearest(ACME, rows[0], 1)
        return None if wide is None else [each.text for each, _ in wide.found]


class Cluster:
    def __init__(self, store: GraphStore, stack: AsyncExitStack) -> None:
        self._store, self._stack = store, stack
        self.vectors, self.leases, self.bus = Shared(), SharedLeases(), LocalBus()

    @asynccontextmanager
    async def process(self, reading: GraphStore | None = None) -> AsyncIterator[Process]:
        @asynccontextmanager
        async def vectors() -> AsyncIterator[VectorStore]:
            yield self.vectors

        async with (
            Feed(self._store, self.bus) as feed,
            Indexer(self._store, feed, WordEmbedder()) as indexer,
            Collecting(
                self._store,
                feed,
                indexer,
                vectors,
                outgrown=LIMIT,
                retry_seconds=(0.01,),
                watch_seconds=0.02,
                reading=reading,
                leases=self.leases,
                others=True,
            ) as collecting,
        ):
            yield Process(self._store, IndexingJournal(self._store, self.bus, indexer), collecting)

    async def start(self, reading: GraphStore | None = None) -> Process:
        return await self._stack.enter_async_context(self.process(reading))


@pytest.fixture
async def cluster(store: GraphStore) -> AsyncIterator[Cluster]:
    async with AsyncExitStack() as stack:
        yield Cluster(store, stack)


def notes(count: int) -> list[str]:
    return [f"note {n}" for n in range(count)]


async def test_one_process_fills_and_every_process_finds(cluster: Cluster) -> None:
    first, second = await cluster.start(), await cluster.start()
    await first.write("tea", *notes(LIMIT))
    for process in (first, second):
        await process.passed()
        assert await process.near("tea") == ["tea"]
    assert (cluster.vectors.begun, cluster.vectors.put_points) == (1, LIMIT + 1)


async def test_what_any_process_writes_is_found_by_all(cluster: Cluster) -> None:
    first, second = await cluster.start(), await cluster.start()
    await first.write(*notes(LIMIT + 1))
    await second.write("tea")
    await first.write("coffee")
    for process in (first, second):
        await process.passed()
        assert [await process.near(text) for text in ("tea", "coffee")] == [["tea"], ["coffee"]]


async def test_who_takes_over_goes_on_where_the_collection_stands(cluster: Cluster) -> None:
    async with cluster.process() as first:
        second = await cluster.start()
        await first.write(*notes(LIMIT + 1))
        await second.passed()
    await second.write("tea")
    await second.passed()
    assert await second.near("tea") == ["tea"]
    assert (cluster.vectors.begun, cluster.vectors.put_points) == (1, LIMIT + 2)


async def test_who_loses_the_lease_stops_and_somebody_goes_on(cluster: Cluster) -> None:
    first, second = await cluster.start(), await cluster.start()
    await first.write(*notes(LIMIT + 1))
    await second.passed()
    for n in range(3):
        cluster.leases.take_away(LEASE)
        await first.write(f"tea {n}")
        await first.passed()
        await second.passed()
    assert await second.near("tea 2") == ["tea 2"]
    assert cluster.leases.holders[LEASE] > 1
    assert cluster.vectors.begun == 1


async def test_a_collection_that_is_being_filled_is_not_searched_yet(cluster: Cluster) -> None:
    first, second = await cluster.start(), await cluster.start()
    async with cluster.leases.hold(LEASE):
        await first.write("tea", *notes(LIMIT))
        await cluster.vectors.begin(EVERYBODY, GENERATION, Stand(1, Position(LIMIT + 1)))
        second.collecting.follow(ORG)
        await until(lambda: second.collecting._collected[ORG].needed)
        assert await second.near("tea") == []
    await second.passed()
    assert await second.near("tea") == ["tea"]


async def test_who_only_searches_takes_nothing_out(cluster: Cluster) -> None:
    first = await cluster.start()
    tea, *_ = await first.write("tea", *notes(LIMIT))
    await first.passed()
    second = await cluster.start()
    await second.passed()
    (rows,) = await WordEmbedder().embed(["tea"])
    stale = Point(VersionRef(tea.id, 7), rows)
    await cluster.vectors.put(EVERYBODY, GENERATION, [stale])
    await second.near("tea")
    assert cluster.vectors.swept == 0
    await first.near("tea")
    assert cluster.vectors.swept == 1


async def test_who_fills_takes_out_nothing_that_it_has_not_heard_of_yet(
    cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "behind").mkdir()
    behind = await SqliteStore.open(tmp_path / "behind")
    process = await cluster.start(behind)
    tea, *_ = await process.write("tea", *notes(LIMIT))
    await process.passed()
    assert await process.near("tea") == []
    await behind.close()
    assert ref_of(tea) in cluster.vectors._kept[ORG, GENERATION].points


async def test_a_collection_that_the_server_lost_is_made_again(cluster: Cluster) -> None:
    first, second = await cluster.start(), await cluster.start()
    await first.write("tea", *notes(LIMIT))
    await second.passed()
    cluster.vectors._kept.clear()
    await until(lambda: cluster.vectors.begun == 2)
    second.collecting._opened.standing.forget(ORG)  # type: ignore[union-attr]
    await second.passed()
    assert await second.near("tea") == ["tea"]


@pytest.mark.parametrize("asked", ["the one that fills", "another one"])
async def test_any_process_has_a_collection_made_anew(cluster: Cluster, asked: str) -> None:
    first = await cluster.start()
    await first.write("tea", *notes(LIMIT))
    await first.passed()
    second = await cluster.start()
    await second.passed()
    lost = next(iter(cluster.vectors._kept[ORG, GENERATION].points))
    del cluster.vectors._kept[ORG, GENERATION].points[lost]
    async with asyncio.timeout(10):
        await (first if asked == "the one that fills" else second).collecting.refill(ORG)
    assert cluster.vectors.begun == 2
    assert lost in cluster.vectors._kept[ORG, GENERATION].points


@pytest.mark.parametrize("asked", ["the one that fills", "another one"])
async def test_scrubbing_from_any_process_leaves_nothing_of_what_was_erased(
    cluster: Cluster, asked: str
) -> None:
    first = await cluster.start()
    tea, *_ = await first.write("tea", *notes(2 * LIMIT))
    await first.passed()
    second = await cluster.start()
    await second.passed()
    before = cluster.vectors._kept[ORG, GENERATION]
    await second.journal.commit(ACME, ChangeSet((Erase(RecordKind.MEMORY, tea.id),)))
    async with asyncio.timeout(10):
        await (first if asked == "the one that fills" else second).collecting.scrub(ORG)
    await second.passed()
    after = cluster.vectors._kept[ORG, GENERATION]
    assert after is not before
    assert tea.id not in {each.id for each in after.points}
    assert len(after.points) == 2 * LIMIT
