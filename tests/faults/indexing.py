"""A process that commits a memory and then never comes to its vector.

Started as ``python -m tests.faults.indexing FOLDER [BUG]``; it says the memory's id once it is
committed. The bug: it notes that the memory has its vector before it has.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.feed import Feed, LocalBus
from mnemos_graph.memory.indexing.embedding import whole
from mnemos_graph.memory.indexing.indexing import Indexer, IndexingJournal
from mnemos_graph.model import Position
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Put
from tests.conformance.samples import ACME, memory
from tests.embedders import WordEmbedder


class Stuck(WordEmbedder):
    """Embeds "first", and never answers for anything else."""

    async def embed(
        self, texts: Sequence[str], *, urgent: bool = False
    ) -> Sequence[NDArray[np.float32]]:
        if "first" not in texts:
            await asyncio.Event().wait()
        return await super().embed(texts)


async def main(folder: Path, bug: str) -> None:
    store, bus = await SqliteStore.open(folder), LocalBus()
    first, second = memory("first"), memory("second")
    async with Feed(store, bus) as feed, Indexer(store, feed, Stuck()) as indexer:
        journal = IndexingJournal(store, bus, indexer)
        await journal.commit(ACME, ChangeSet((Put(first),)))
        await indexer.passed(ACME.organization, Position(1))
        if bug == "marks before it embeds":
            await indexer._keep_mark(whole(ACME.organization), Position(2))
        bus.listen(lambda *_: print_now(second.id), lambda: None)
        await journal.commit(ACME, ChangeSet((Put(second),)))


def print_now(text: str) -> None:
    os.write(1, f"{text}\n".encode())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "none"))
