"""Where the memories of a partition point, a byte for each number.

A direction's numbers are kept in parts of the largest of them. Cosines differ by about 0.0002 from
those of whole numbers, which moves no figure of recall, and the scan is not slower: a quarter of
the bytes are read.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.growing import Growing

Vectors = NDArray[np.float32]

_AT_ONCE = 256
"""Rows that are made whole again at a time, so that they stay in the processor's own memory."""
_ONE = 127
NOBODY = -1


class Directions:
    """Rows of unit length, each of a memory number; a memory may have several, or none."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._rows = Growing(np.int8, dimensions)
        self._parts = Growing(np.float32)
        self._owners = Growing(np.int32)

    @property
    def nbytes(self) -> int:
        return self._rows.nbytes + self._parts.nbytes + self._owners.nbytes

    def extend(self, owners: NDArray[np.integer], rows: Vectors) -> None:
        parts = np.maximum(np.abs(rows).max(axis=1, initial=0.0), 1e-12) / _ONE
        self._rows.extend(np.rint(rows / parts[:, None]).astype(np.int8))
        self._parts.extend(parts)
        self._owners.extend(owners)

    def remove(self, number: int) -> None:
        self._owners.held[self._owners.held == number] = NOBODY

    def settle(self) -> None:
        """Give back the room for more."""
        for each in (self._rows, self._parts, self._owners):
            each.settle()

    def closest(self, asked: Vectors, count: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the cosine of each memory's closest row with those of ``asked``, and which have any.

        Args:
            asked: a row for each window of a question.
            count: how many memory numbers there are.
        """
        cosines = np.empty((len(self._rows), len(asked)), np.float32)
        whole = np.empty((_AT_ONCE, self._dimensions), np.float32)
        for first in range(0, len(cosines), _AT_ONCE):
            rows = self._rows.held[first : first + _AT_ONCE]
            whole[: len(rows)] = rows
            np.matmul(whole[: len(rows)], asked.T, out=cosines[first : first + _AT_ONCE])
        found = np.full(count + 1, NOBODY, np.float32)
        np.maximum.at(found, self._owners.held, cosines.max(axis=1) * self._parts.held)
        has = found[:count] > NOBODY
        return np.where(has, found[:count], np.float32(0)), has
