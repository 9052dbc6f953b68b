"""Small embedders that keep the contract: texts with words in common point the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.errors import Unavailable
from mnemos_graph.language.token_embedder import Reading
from mnemos_graph.model.words import words

WINDOW = 64
"""Words that are read at once; a longer text has a row for each window of them."""


class WordEmbedder:
    """Each word has a direction, and a window is the sum of its words."""

    dimensions = 64

    def __init__(self, generation: str = "words 1") -> None:
        self.generation = generation
        self.texts: list[str] = []
        """Every text that was embedded, in order."""
        self.away = False

    async def embed(
        self, texts: Sequence[str], *, urgent: bool = False
    ) -> Sequence[NDArray[np.float32]]:
        if self.away:
            raise Unavailable("The model is away. Ask again later.")
        self.texts += texts
        return [self._rows(text) for text in texts]

    def _rows(self, text: str) -> NDArray[np.float32]:
        read = list(words(text)) or [""]
        windows = [read[at : at + WINDOW] for at in range(0, len(read), WINDOW)]
        return np.stack([self._direction(window) for window in windows])

    def _direction(self, window: Sequence[str]) -> NDArray[np.float32]:
        sums = np.zeros(self.dimensions, np.float32)
        for word in window:
            sums += np.random.default_rng(crc32(word.encode())).standard_normal(self.dimensions)
        return sums / np.linalg.norm(sums)


class TokenWordEmbedder(WordEmbedder):
    """Each word is a token as well, and points where all words of its meaning do.

    The direction of a whole text knows nothing of meanings.
    """

    token_generation = "words 1 tokens"
    token_dimensions = 32

    def __init__(self, meanings: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._meanings = meanings or {}

    async def read(self, texts: Sequence[str], *, urgent: bool = False) -> Sequence[Reading]:
        embeddings = await self.embed(texts, urgent=urgent)
        return [
            Reading(embedding, *self._tokens(text))
            for text, embedding in zip(texts, embeddings, strict=True)
        ]

    def _tokens(self, text: str) -> tuple[NDArray[np.int8], tuple[str, ...]]:
        read = tuple(text.lower().replace("?", "").split()) or ("",)
        return np.stack([self._token(self._meanings.get(word, word)) for word in read]), read

    def _token(self, meaning: str) -> NDArray[np.int8]:
        chance = np.random.default_rng(crc32(meaning.encode()) + 1)
        row = chance.standard_normal(self.token_dimensions)
        token: NDArray[np.int8] = np.rint(row / np.linalg.norm(row) * 127).astype(np.int8)
        return token
