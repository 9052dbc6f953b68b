"""The token vectors of a partition's memories, packed behind each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.growing import Growing

TokenRows = NDArray[np.int8]
"""(tokens, dimensions): directions in parts of 127."""
Similarities = NDArray[np.float32]

_ONE = 127.0


class Tokens:
    """Rows by memory number; a memory without any has none."""

    def __init__(self, dimensions: int) -> None:
        self._rows = Growing(np.int8, dimensions)
        self._first = Growing(np.int64)
        self._counts = Growing(np.int32)

    @property
    def counts(self) -> NDArray[np.int32]:
        """How many rows each memory has."""
        return self._counts.held

    @property
    def nbytes(self) -> int:
        return self._rows.nbytes + self._first.nbytes + self._counts.nbytes

    def extend(self, count: int) -> None:
        """Take in the next so many memory numbers, without rows."""
        nothing = np.zeros(count, np.int32)
        self._first.extend(nothing)
        self._counts.extend(nothing)

    def give(
        self, numbers: NDArray[np.integer], counts: NDArray[np.integer], rows: TokenRows
    ) -> None:
        """Keep ``rows``: so many of each of ``numbers``, behind each other."""
        self._first.held[numbers] = len(self._rows) + np.cumsum(counts) - counts
        self._counts.held[numbers] = counts
        self._rows.extend(rows)

    def settle(self) -> None:
        """Give back the room for more."""
        for each in (self._rows, self._first, self._counts):
            each.settle()

    def remove(self, number: int) -> None:
        self._counts.held[number] = 0

    def closest(self, asked: TokenRows, numbers: NDArray[np.integer]) -> Similarities:
        """Return (asked tokens, memories): the cosine of each with the memory's closest token.

        Args:
            asked: the rows of a question.
            numbers: memories that have rows.
        """
        counts = self.counts[numbers].astype(np.int64)
        ends = np.cumsum(counts)
        starts = ends - counts
        places = np.repeat(self._first.held[numbers] - starts, counts) + np.arange(counts.sum())
        rows = self._rows.held[places].astype(np.float32)
        cosines = (asked.astype(np.float32) / _ONE**2) @ rows.T
        return np.maximum.reduceat(cosines, starts, axis=1)
