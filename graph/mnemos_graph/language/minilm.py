"""all-MiniLM-L6-v2 in this process, on threads of its own.

One pass gives both the direction of a text and those of its tokens.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.language.batches import Batches
from mnemos_graph.language.embedder import Embedding
from mnemos_graph.language.network import DIMENSIONS, Network, direction, model_folder
from mnemos_graph.language.projection import PROJECTION, TOKEN_DIMENSIONS, projected
from mnemos_graph.language.recent import Recent
from mnemos_graph.language.token_embedder import Reading, TokenVectors
from mnemos_graph.language.tokenizer import Cut, Window, WordPiece

TOKENS_AT_ONCE = 256
"""Tokens in a batch, padding included."""
AT_ONCE = min(2, os.cpu_count() or 1)
"""Batches that are worked on side by side. Each is on one processor, which wastes the least."""
REMEMBERED_BYTES = 16 * 1024 * 1024
"""Of texts and their readings, so that a question asked again needs no model."""
MOST_TOKENS = 256
"""Whose vectors are kept of a text; what is behind them is found by its words and its windows."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What the model makes of one window."""

    direction: NDArray[np.float32]
    tokens: TokenVectors
    """A row for each of its tokens, the opening and the closing one among them."""


class MiniLM:
    """A ``TokenEmbedder``. Made by ``open_minilm``."""

    generation = "all-MiniLM-L6-v2 w256+206"
    dimensions = DIMENSIONS
    token_generation = f"all-MiniLM-L6-v2 tokens {PROJECTION}"
    token_dimensions = TOKEN_DIMENSIONS

    def __init__(self, network: Network, tokenizer: WordPiece, threads: ThreadPoolExecutor) -> None:
        self.tokenizer = tokenizer
        self._network = network
        self._recent: Recent[Reading] = Recent(REMEMBERED_BYTES)
        self._batches = Batches(
            self._work,
            size=lambda window: len(window.ids),
            most=TOKENS_AT_ONCE,
            threads=threads,
            at_once=AT_ONCE,
        )

    async def embed(self, texts: Sequence[str], *, urgent: bool = False) -> Sequence[Embedding]:
        return [reading.embedding for reading in await self.read(texts, urgent=urgent)]

    async def read(self, texts: Sequence[str], *, urgent: bool = False) -> Sequence[Reading]:
        known = {text: self._recent.get(text) for text in texts}
        found = {text: reading for text, reading in known.items() if reading is not None}
        missing = [text for text in known if text not in found]
        if missing:
            found |= await self._read(missing, urgent=urgent)
        return [found[text] for text in texts]

    async def _read(self, texts: Sequence[str], *, urgent: bool) -> dict[str, Reading]:
        cut = await asyncio.to_thread(lambda: [self.tokenizer.cut(text) for text in texts])
        windows = [window for of_one in cut for window in of_one.windows]
        # Windows of like length share a batch: padding costs as much as text.
        order = sorted(range(len(windows)), key=lambda n: len(windows[n].ids))
        futures = self._batches.submit([windows[n] for n in order], urgent=urgent)
        read = await asyncio.gather(*map(asyncio.wrap_future, futures))
        by_window = dict(zip(order, read, strict=True))
        in_order = iter(by_window[n] for n in range(len(windows)))
        found: dict[str, Reading] = {}
        for text, of_one in zip(texts, cut, strict=True):
            found[text] = _joined(of_one, list(islice(in_order, len(of_one.windows))))
            self._recent.put(text, found[text])
        return found

    def _work(self, windows: Sequence[Window]) -> list[_Read]:
        return [
            _Read(direction(states), projected(states)) for states in self._network.read(windows)
        ]

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


def _joined(cut: Cut, windows: Sequence[_Read]) -> Reading:
    """Return what is kept of a text's windows: of tokens those of words, where it has any."""
    embedding = np.stack([window.direction for window in windows])
    opening, tokens = windows[0].tokens[:1], windows[0].tokens[1:-1]
    for window, read in zip(cut.windows[1:], windows[1:], strict=True):
        tokens = np.concatenate((tokens, read.tokens[1:-1][len(tokens) - window.first :]))
    kept = [place for place, word in enumerate(cut.words) if word] or list(range(len(cut.words)))
    kept = kept[:MOST_TOKENS]
    rows = tokens[kept] if kept else opening
    for array in (embedding, rows):
        array.flags.writeable = False
    return Reading(embedding, rows, tuple(cut.words[place] for place in kept) or ("",))
