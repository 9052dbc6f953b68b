from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from mnemos_graph.errors import Unavailable
from mnemos_graph.feed import Feed, LocalBus
from mnemos_graph.memory.indexing.collecting import Collecting, Wide
from mnemos_graph.memory.indexing.embedding import ref_of, whole
from mnemos_graph.memory.indexing.indexing import Indexer, IndexingJournal
from mnemos_graph.model import Access, Memory, Position, RecordKind
from mnemos_graph.store import (
    ChangeSet,
    Committed,
    Delete,
    Erase,
    GraphStore,
    Operation,
    Put,
    VersionRef,
)
from mnemos_graph.vectors import Near, Point, Stand, VectorStore
from tests.conformance.memory_vectors import MemoryVectors
from tests.conformance.samples import ACME, BOB, GLOBEX, memory
from tests.embedders import WordEmbedder

ORG = ACME.organization
LIMIT = 10
"""Memories up to which the organizations here are scanned exactly."""


class Counting(MemoryVectors):
    """Counts the points that are put, and how often a collection begins; can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.put_points, self.begun, self.opened, self.away = 0, 0, 0, False

    async def begin(self, access: Access, generation: str, stand: Stand) -> None:
        self.begun += 1
        await super().begin(access, generation, stand)

    async def put(self, access: Access, generation: str, points: Sequence[Point]) -> None:
        if self.away:
            raise Unavailable("The vectors are away.")
        self.put_points += len(points)
        await super().put(access, generation, points)

    async def nearest(
        self, access: Access, generation: str, vector: NDArray[np.float32], first: int
    ) -> Sequence[Near]:
        if self.away:
            raise Unavailable("The vectors are away.")
        return await super().nearest(access, generation, vector, first)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[VectorStore]:
        self.opened += 1
        yield self


class World:
    """A process: everything that stands between a write and a wide search."""

    def __init__(self, store: GraphStore, journal: IndexingJournal, collecting: Collecting) -> None:
        self.store, self.journal, self.collecting = store, journal, collecting
        self.embedder = WordEmbedder()

    async def commit(self, *operations: Operation, access: Access = ACME) -> Committed:
        return await self.journal.commit(access, ChangeSet(operations))

    async def write(self, *texts: str) -> list[Memory]:
        memories = [memory(text) for text in texts]
        await self.commit(*map(Put, memories))
        return memories

    async def passed(self) -> None:
        (head,) = await self.store.heads([ACME])
        async with asyncio.timeout(10):
            await self.collecting.passed(ORG, head.position)

    async def near(self, text: str, access: Access = ACME) -> list[str] | None:
        (rows,) = await self.embedder.embed([text])
        wide = await self.collecting.nearest(access, rows[0], 3)
        return None if wide is None else [each.text for each, _ in wide.found]


@pytest.fixture
def vectors() -> Counting:
    return Counting()


@asynccontextmanager
async def process(
    store: GraphStore, vectors: Counting, embedder: WordEmbedder | None = None
) -> AsyncIterator[World]:
    bus = LocalBus()
    async with (
        Feed(store, bus) as feed,
        Indexer(store, feed, embedder or WordEmbedder(), retry_seconds=(0.01,)) as indexer,
        Collecting(
            store, feed, indexer, vectors.open, outgrown=LIMIT, retry_seconds=(0.01,)
        ) as collecting,
    ):
        yield World(store, IndexingJournal(store, bus, indexer), collecting)


@pytest.fixture
async def world(store: GraphStore, vectors: Counting) -> AsyncIterator[World]:
    async with process(store, vectors) as opened:
        yield opened


def notes(count: int) -> list[str]:
    return [f"note {n}" for n in range(count)]


async def test_a_small_organization_has_no_collection(world: World, vectors: Counting) -> None:
    await world.write(*notes(LIMIT))
    assert await world.near("note 3") is None
    await asyncio.sleep(0.05)
    assert await world.near("note 3") is None
    assert vectors.opened == 0


async def test_an_organization_that_outgrows_the_scan_is_collected(world: World) -> None:
    await world.write(*notes(LIMIT))
    assert await world.near("tea") is None
    await world.write("green tea", "black coffee")
    await world.passed()
    found = await world.near("green tea")
    assert found is not None
    assert found[0] == "green tea"


async def test_a_collection_follows_what_is_written_changed_and_deleted(
    world: World, vectors: Counting
) -> None:
    kept, changed, deleted, *others = await world.write("tea", "coffee", "water", *notes(LIMIT))
    await world.passed()
    after = replace(changed, text="cocoa", version=2)
    await world.commit(Put(after), Delete(RecordKind.MEMORY, deleted.id, 1))
    await world.passed()
    (rows,) = await world.embedder.embed(["cocoa"])
    near = await vectors.nearest(whole(ORG), "words 1", rows[0], 99)
    assert near[0].ref == ref_of(after)
    assert {each.ref for each in near} == {ref_of(each) for each in (kept, after, *others)}


async def test_a_point_that_is_not_current_is_left_out_and_swept(
    world: World, vectors: Counting
) -> None:
    tea, *_ = await world.write("tea", *notes(LIMIT))
    await world.passed()
    (rows,) = await world.embedder.embed(["tea"])
    stale = Point(VersionRef(tea.id, 7), rows)
    await vectors.put(whole(ORG), "words 1", [stale])
    assert (await world.near("tea") or []).count("tea") == 1
    near = await vectors.nearest(whole(ORG), "words 1", rows[0], 20)
    assert stale.ref not in {each.ref for each in near}


async def test_what_an_access_may_not_read_is_not_found(world: World) -> None:
    await world.write("tea", *notes(LIMIT))
    await world.passed()
    bobs = Access(ORG, "bob", reads=frozenset({BOB.partition}))
    assert await world.near("tea", bobs) == []
    assert await world.near("tea", GLOBEX) is None


async def test_a_new_process_goes_on_where_the_collection_stands(
    store: GraphStore, vectors: Counting
) -> None:
    async with process(store, vectors) as first:
        await first.write("tea", *notes(LIMIT))
        await first.passed()
    put = vectors.put_points
    async with process(store, vectors) as second:
        await second.write("coffee")
        await second.passed()
        assert ((await second.near("coffee")) or [""])[0] == "coffee"
        assert ((await second.near("tea")) or [""])[0] == "tea"
    assert vectors.begun == 1
    assert vectors.put_points == put + 1


async def test_a_filling_that_was_cut_off_is_gone_on_with(
    store: GraphStore, vectors: Counting
) -> None:
    async with process(store, vectors) as first:
        memories = await first.write("tea", *notes(LIMIT))
        await first.passed()
    half = sorted(memories, key=lambda each: each.id)[LIMIT // 2]
    await vectors.move(whole(ORG), "words 1", Stand(1, Position(len(memories)), through=half.id))
    put = vectors.put_points
    async with process(store, vectors) as second:
        await second.passed()
        assert ((await second.near("tea")) or [""])[0] == "tea"
    assert vectors.put_points == put + len(memories) - LIMIT // 2 - 1


async def test_a_collection_that_is_ahead_of_a_restored_log_begins_anew(
    store: GraphStore, vectors: Counting
) -> None:
    async with process(store, vectors) as first:
        await first.write("tea", *notes(LIMIT))
        await first.passed()
    await vectors.move(whole(ORG), "words 1", Stand(1, Position(999), filled=True))
    async with process(store, vectors) as second:
        await second.passed()
        assert ((await second.near("tea")) or [""])[0] == "tea"
    assert vectors.begun == 2


async def test_an_erasure_begins_the_collection_anew(world: World, vectors: Counting) -> None:
    tea, *_ = await world.write("tea", *notes(2 * LIMIT))
    await world.passed()
    await world.commit(Erase(RecordKind.MEMORY, tea.id))
    await world.passed()
    (rows,) = await world.embedder.embed(["tea"])
    near = await vectors.nearest(whole(ORG), "words 1", rows[0], 99)
    assert tea.id not in {each.ref.id for each in near}
    assert (len(near), vectors.begun) == (2 * LIMIT, 2)


async def test_scrubbing_leaves_nothing_of_an_organization_that_became_small(
    world: World, vectors: Counting
) -> None:
    memories = await world.write("tea", *notes(LIMIT))
    await world.passed()
    await world.commit(*(Erase(RecordKind.MEMORY, each.id) for each in memories))
    async with asyncio.timeout(10):
        await world.collecting.scrub(ORG)
    assert await vectors.stand(whole(ORG), "words 1") is None
    assert await world.near("tea") is None


async def test_another_generation_is_collected_anew(store: GraphStore, vectors: Counting) -> None:
    async with process(store, vectors) as first:
        await first.write("tea", *notes(LIMIT))
        await first.passed()
    async with process(store, vectors, WordEmbedder("words 2")) as second:
        await second.passed()
        assert ((await second.near("tea")) or [""])[0] == "tea"
    assert vectors.begun == 2


async def test_vectors_that_are_away_are_waited_for(world: World, vectors: Counting) -> None:
    vectors.away = True
    await world.write("tea", *notes(LIMIT))
    assert not await world.near("tea")
    await asyncio.sleep(0.05)
    vectors.away = False
    await world.passed()
    assert ((await world.near("tea")) or [""])[0] == "tea"


async def test_a_collection_that_does_not_answer_is_no_failure(
    world: World, vectors: Counting
) -> None:
    await world.write("tea", *notes(LIMIT))
    await world.passed()
    vectors.away = True
    (rows,) = await world.embedder.embed(["tea"])
    assert await world.collecting.nearest(ACME, rows[0], 3) == Wide((), None)


async def test_refilling_asks_no_model(store: GraphStore, vectors: Counting) -> None:
    async with process(store, vectors) as first:
        await first.write("tea", *notes(LIMIT))
        await first.passed()
    vectors._kept.clear()
    embedder = WordEmbedder()
    async with process(store, vectors, embedder) as second, asyncio.timeout(10):
        await second.collecting.refill(ORG)
        assert ((await second.near("tea")) or [""])[0] == "tea"
    assert embedder.texts == []
