"""What anybody gets who searches the same turns plainly: by vector alone, or by words alone.

Turns are given with their speaker, as whoever stores a conversation would.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

import numpy as np

from mnemos_graph.language.embedder import Embedder, Embedding

_WORD = re.compile(r"\w+")
_AT_ONCE = 64


class Dense:
    """Cosine between the embeddings of a question and of each turn's text."""

    def __init__(self, embedder: Embedder, names: Sequence[str], rows: Sequence[Embedding]) -> None:
        self._embedder = embedder
        self._names = names
        self._rows = rows

    @classmethod
    async def of(cls, embedder: Embedder, turns: Sequence[tuple[str, str]]) -> Dense:
        """Embed turns, given as (name, text)."""
        rows: list[Embedding] = []
        for first in range(0, len(turns), _AT_ONCE):
            texts = [text for _, text in turns[first : first + _AT_ONCE]]
            rows += await embedder.embed(texts)
        return cls(embedder, [name for name, _ in turns], rows)

    async def rank(self, question: str) -> list[str]:
        (asked,) = await self._embedder.embed([question])
        scores = np.array([float((rows @ asked.T).max()) for rows in self._rows])
        return [self._names[place] for place in np.argsort(-scores, kind="stable")]


class Bm25:
    """SQLite's FTS5 with Porter's stemmer, the question's words joined by OR."""

    def __init__(self, turns: Sequence[tuple[str, str]]) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.execute(
            "CREATE VIRTUAL TABLE turn USING fts5(name UNINDEXED, text, tokenize = 'porter')"
        )
        self._database.executemany("INSERT INTO turn VALUES (?, ?)", turns)

    async def rank(self, question: str) -> list[str]:
        words = " OR ".join(f'"{word}"' for word in _WORD.findall(question))
        if not words:
            return []
        rows = self._database.execute(
            "SELECT name FROM turn WHERE turn MATCH ? ORDER BY bm25(turn)", (words,)
        )
        return [name for (name,) in rows]
