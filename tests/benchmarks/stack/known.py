"""An embedder that makes nothing: it looks up what was made before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.language.minilm import MiniLM
from mnemos_graph.language.token_embedder import Reading, TokenVectors


class KnownVectors:
    """An ``Embedder`` of texts whose vectors are there, one row of random direction for each."""

    generation = MiniLM.generation
    dimensions = MiniLM.dimensions

    def __init__(self, texts: Iterable[str]) -> None:
        known = list(texts)
        rows = directions(len(known))
        self._rows = {text: row[None] for text, row in zip(known, rows, strict=True)}

    async def embed(
        self, texts: Sequence[str], *, urgent: bool = False
    ) -> Sequence[NDArray[np.float32]]:
        return [self._rows[text] for text in texts]


class KnownReadings(KnownVectors):
    """A ``TokenEmbedder`` of the same kind: each word is a token, of random direction too."""

    token_generation = MiniLM.token_generation
    token_dimensions = MiniLM.token_dimensions

    async def read(self, texts: Sequence[str], *, urgent: bool = False) -> Sequence[Reading]:
        words = [tuple(text.split()) for text in texts]
        rows = await self.embed(texts, urgent=urgent)
        return [
            Reading(row, tokens(len(each)), each) for row, each in zip(rows, words, strict=True)
        ]


def tokens(count: int, seed: int = 7) -> TokenVectors:
    """Return so many rows as tokens have them, of random direction."""
    noise = np.random.default_rng(seed)
    rows = noise.standard_normal((count, MiniLM.token_dimensions))
    rows *= 127 / np.linalg.norm(rows, axis=1, keepdims=True)
    return np.round(rows).astype(np.int8)


def directions(count: int, seed: int = 7) -> NDArray[np.float32]:
    """Return so many unit vectors as rows: they cost whoever compares them what real ones do."""
    noise = np.random.default_rng(seed)
    rows = noise.standard_normal((count, MiniLM.dimensions)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows
