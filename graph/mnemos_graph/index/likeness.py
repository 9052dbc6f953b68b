"""How alike whole memories and a question are in direction, by themselves and with what was said around."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.comparing import Raw, Values
from mnemos_graph.index.directions import Vectors
from mnemos_graph.index.gathered import Gathered
from mnemos_graph.index.partition import PartitionIndex

_NEAR, _FAR = 0.2, 0.14
"""What it adds to a memory how far the turns one and two away stand above the mean."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Cosines with the question."""

    own: Raw
    with_turns_around: Raw


def likeness(scope: Gathered, vectors: Vectors) -> Likeness:
    """Return how alike each memory of ``scope`` is to a question with ``vectors``, one a window."""
    found = [index.likeness(vectors) for index in scope.indexes]
    around = [_around(index, *each) for index, each in zip(scope.indexes, found, strict=True)]
    own = scope.of([cosines for cosines, _ in found]).astype(np.float64)
    has = scope.of([has for _, has in found])
    return Likeness(Raw(own, has, has), Raw(own + scope.of(around), has, has))


def _around(index: PartitionIndex, cosines: NDArray[np.float32], has: NDArray[np.bool_]) -> Values:
    """Return what the turns around each memory add to it; 0 where there are none."""
    if not has.any():
        return np.zeros(len(index))
    # One slot more, where the neighbours of those without neighbours point to.
    above = np.append(np.where(has, cosines - cosines[has].mean(), 0.0), 0.0)
    before, after = np.append(index.sessions.before, -1), np.append(index.sessions.after, -1)
    near = above[before] + above[after]
    far = above[before[before]] + above[after[after]]
    added: Values = (_NEAR * near + _FAR * far)[:-1]
    return added
