"""all-MiniLM-L6-v2 in this process, on threads of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.language.batches import Batches
from mnemos_graph.language.embedder import Embedding
from mnemos_graph.language.network import DIMENSIONS, Network, direction, model_folder
from mnemos_graph.language.recent import Recent
from mnemos_graph.language.tokenizer import Window, WordPiece

TOKENS_AT_ONCE = 256
"""Tokens in a batch, padding included."""
AT_ONCE = min(2, os.cpu_count() or 1)
"""Batches that are worked on side by side. Each is on one processor, which wastes the least."""
REMEMBERED_BYTES = 16 * 1024 * 1024
"""Of texts and their embeddings, so that a question asked again needs no model."""


class MiniLM:
    """An ``Embedder``. Made by ``open_minilm``."""

    generation = "all-MiniLM-L6-v2 w256+206"
    dimensions = DIMENSIONS

    def __init__(self, network: Network, tokenizer: WordPiece, threads: ThreadPoolExecutor) -> None:
        self.tokenizer = tokenizer
        self._network = network
        self._recent = Recent(REMEMBERED_BYTES)
        self._batches = Batches(
            self._directions,
            size=lambda window: len(window.ids),
            most=TOKENS_AT_ONCE,
            threads=threads,
            at_once=AT_ONCE,
        )

    async def embed(self, texts: Sequence[str], *, urgent: bool = False) -> Sequence[Embedding]:
        known = {text: self._recent.get(text) for text in texts}
        found = {text: embedding for text, embedding in known.items() if embedding is not None}
        missing = [text for text in known if text not in found]
        if missing:
            found |= await self._embed(missing, urgent=urgent)
        return [found[text] for text in texts]

    async def _embed(self, texts: Sequence[str], *, urgent: bool) -> dict[str, Embedding]:
        cut = await asyncio.to_thread(lambda: [self.tokenizer.windows(text) for text in texts])
        windows = [window for of_one in cut for window in of_one]
        # Windows of like length share a batch: padding costs as much as text.
        order = sorted(range(len(windows)), key=lambda n: len(windows[n].ids))
        futures = self._batches.submit([windows[n] for n in order], urgent=urgent)
        rows = await asyncio.gather(*map(asyncio.wrap_future, futures))
        by_window = dict(zip(order, rows, strict=True))
        in_order = iter(by_window[n] for n in range(len(windows)))
        found: dict[str, Embedding] = {}
        for text, of_one in zip(texts, cut, strict=True):
            found[text] = np.stack(list(islice(in_order, len(of_one))))
            found[text].flags.writeable = False
            self._recent.put(text, found[text])
        return found

    def _directions(self, windows: Sequence[Window]) -> list[NDArray[np.float32]]:
        return [direction(states) for states in self._network.read(windows)]

    def forget(self) -> None:
        """Drop every text that is remembered for speed, as when a person is forgotten."""
        self._recent.clear()

    def close(self) -> None:
        self._batches.close()


@asynccontextmanager
async def open_minilm(folder: Path | None = None) -> AsyncGenerator[MiniLM, None]:
    """Load the model from ``folder``, by default the installed package's, and close it in the end.

    Raises:
        Unavailable: the model is not installed, or broken.
    """
    threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="minilm")
    try:
        loop = asyncio.get_running_loop()
        model = await loop.run_in_executor(threads, _load, folder or model_folder(), threads)
        try:
            yield model
        finally:
            model.close()
    finally:
        await asyncio.to_thread(threads.shutdown)


def _load(folder: Path, threads: ThreadPoolExecutor) -> MiniLM:
    return MiniLM(Network(folder), WordPiece(folder / "tokenizer.json"), threads)
