"""A process that keeps an organization's vectors in Chroma until it is killed.

Started as ``python -m tests.faults.collecting FOLDER MODE [URL]``, with the URL of Chroma's server or
with Chroma in the process. ``busy`` writes on and on, and says so
after each commit; ``stuck`` says when a last point is about to be put, and never puts it; ``hasty``
is stuck as well, with a bug: it has noted by then that the point is in.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mnemos_graph.feed import Feed, LocalBus
from mnemos_graph.memory.indexing.collecting import Collecting
from mnemos_graph.memory.indexing.indexing import Indexer, IndexingJournal
from mnemos_graph.model import Access, Position
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Committed, Put
from mnemos_graph.vectors import Point, Stand, VectorStore
from mnemos_graph.vectors.chroma import ChromaVectors, open_chroma
from mnemos_graph.vectors.chroma_server import ChromaServer, open_chroma_server
from tests.conformance.samples import ACME, memory
from tests.embedders import WordEmbedder

ORG = ACME.organization
GENERATION = WordEmbedder().generation
LAST = "the last one"
LIMIT = 10


@dataclass(frozen=True)
class Running:
    store: SqliteStore
    journal: IndexingJournal
    collecting: Collecting

    async def write(self, *texts: str) -> Committed:
        puts = tuple(Put(memory(text)) for text in texts)
        return await self.journal.commit(ACME, ChangeSet(puts))


@asynccontextmanager
async def running(folder: Path, url: str = "") -> AsyncIterator[Running]:
    def open_vectors() -> AbstractAsyncContextManager[VectorStore]:
        return open_chroma_server(url) if url else open_chroma(folder / "vectors")

    store, bus, embedder = await SqliteStore.open(folder), LocalBus(), WordEmbedder()
    try:
        async with (
            Feed(store, bus) as feed,
            Indexer(store, feed, embedder) as indexer,
            Collecting(store, feed, indexer, open_vectors, outgrown=LIMIT) as collecting,
        ):
            yield Running(store, IndexingJournal(store, bus, indexer), collecting)
    finally:
        await store.close()


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


async def stop_before_the_last(
    vectors: VectorStore, access: Access, generation: str, points: Sequence[Point]
) -> None:
    say("about to put")
    await asyncio.Event().wait()


async def main(folder: Path, mode: str, url: str) -> None:
    async with running(folder, url) as process:
        first = await process.write(*(f"start {n}" for n in range(LIMIT + 1)))
        await process.collecting.passed(ORG, first.last)
        if mode == "busy":
            for n in range(1_000_000):
                say(str((await process.write(f"note {os.getpid()} {n}")).last))
        if mode == "hasty":
            noted = Stand(1, Position(first.last + 1), filled=True)
            await (await process.collecting._open()).vectors.move(ACME, GENERATION, noted)
        for each in (ChromaVectors, ChromaServer):
            setattr(each, "put", stop_before_the_last)  # noqa: B010 - mypy allows no other way
        await process.write(LAST)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""))
