"""A memory that can be written to and asked, over a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnemos_graph.feed import Feed, Journal, LocalBus
from mnemos_graph.index.reading import Generation
from mnemos_graph.index.shelf import Shelf
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.recall.recall import Recall, Recalled
from mnemos_graph.model import Access, Memory, Position, Record
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, DerivedRef, Put
from tests.conformance.samples import ACME, day
from tests.embedders import WordEmbedder

GENERATION = Generation("words 1", WordEmbedder.dimensions)


class Bench:
    """The store, its writing end, and recall over it, at one fixed moment."""

    def __init__(self, store: SqliteStore, journal: Journal, feed: Feed, shelf: Shelf) -> None:
        self.store = store
        self.feed = feed
        self.shelf = shelf
        self._journal = journal
        self.embedder = WordEmbedder()
        self.recall = self.recall_with(self.embedder)

    def recall_with(self, embedder: Any) -> Recall:
        return Recall(self.store, self.shelf, embedder, lambda: day(1_000))

    async def keep(self, *records: Record, access: Access = ACME) -> Position:
        """Commit the records, with the vectors of memories."""
        committed = await self._journal.commit(access, ChangeSet(tuple(map(Put, records))))
        memories = [record for record in records if isinstance(record, Memory)]
        await self.embed(*memories, access=access)
        return committed.last

    async def commit(self, *operations: Any, access: Access = ACME) -> Position:
        return (await self._journal.commit(access, ChangeSet(operations))).last

    async def embed(self, *memories: Memory, access: Access = ACME) -> None:
        vectors = {
            DerivedRef(memory.id, memory.version, GENERATION.name): row.astype(np.float16).tobytes()
            for memory in memories
            for row in await self.embedder.embed([memory.told])
        }
        await self.store.derive(access, vectors)

    async def ask(self, text: str, *, access: Access = ACME, **given: Any) -> Recalled:
        return await self.recall.recall(access, Question(text=text, **given))

    async def texts(self, text: str, **given: Any) -> list[str]:
        return [hit.memory.text for hit in (await self.ask(text, **given)).hits]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store, bus = await SqliteStore.open(tmp_path), LocalBus()
    async with Feed(store, bus) as feed, Shelf(store, GENERATION) as shelf:
        yield Bench(store, Journal(store, bus), feed, shelf)
    await store.close()
