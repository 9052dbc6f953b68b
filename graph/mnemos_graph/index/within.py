"""Several scopes in one question: a memory has to be in one, and counts as much as that one does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.partition import PartitionIndex
from mnemos_graph.index.sifting import Mask, sift
from mnemos_graph.store import Filter


@dataclass(frozen=True, slots=True)
class Within:
    """One scope that is asked."""

    where: Filter
    """Only conditions that the index decides."""
    advantage: float = 0.0
    """What being in it adds to the odds' logarithm: 0 for the heaviest scope, less for others."""


def inside(index: PartitionIndex, scopes: Sequence[Within]) -> Mask:
    """Return which live memories are in one of ``scopes``, or which live where there are none."""
    found = index.alive.copy() if not scopes else np.zeros(len(index), np.bool_)
    for scope in scopes:
        found |= sift(index, scope.where)
    return found


def advantage(index: PartitionIndex, scopes: Sequence[Within]) -> NDArray[np.float64]:
    """Return for each memory what the heaviest of the ``scopes`` that it is in adds; 0 outside."""
    if not any(scope.advantage for scope in scopes):
        return np.zeros(len(index))
    found = np.full(len(index), -np.inf)
    for scope in scopes:
        here = sift(index, scope.where)
        found[here] = np.maximum(found[here], scope.advantage)
    return np.where(np.isfinite(found), found, 0.0)
