"""A process that gives memories the vectors of another embedder, and never comes to the end.

Started as ``python -m tests.faults.reembedding FOLDER [BUG]``; it says when it is half way. The bug:
it notes that it is through before it is.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from mnemos_graph.memory.indexing.embedding import whole
from mnemos_graph.memory.indexing.succession import Made
from mnemos_graph.memory.indexing.walking import keep_walk, walked
from mnemos_graph.sqlite import SqliteStore
from tests.graph.memory.changing import NEW, ORG, House, Sized

MADE = Made(NEW)
HALF = 100
"""Memories: as many as are done between two notes of how far it is."""


class Stuck(Sized):
    """Says when it has embedded half of it, and nothing more."""

    def __init__(self, store: SqliteStore, bug: str) -> None:
        super().__init__(NEW, 768)
        self._store = store
        self._bug = bug

    async def embed(
        self, texts: Sequence[str], *, urgent: bool = False
    ) -> Sequence[NDArray[np.float32]]:
        if len(self.texts) >= HALF:
            if self._bug == "notes before it embeds":
                walk = await walked(self._store, whole(ORG), MADE)
                await keep_walk(self._store, whole(ORG), MADE, replace(walk, ended=True))
            os.write(1, b"half\n")
            await asyncio.Event().wait()
        return await super().embed(texts, urgent=urgent)


async def main(folder: Path, bug: str) -> None:
    store = await SqliteStore.open(folder)
    async with House(store).run(Stuck(store, bug)):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "none"))
