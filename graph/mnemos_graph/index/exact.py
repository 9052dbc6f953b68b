"""Which memories have what a question names exactly, and that one of each is in the result."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.partition import PartitionIndex
from mnemos_graph.model import RecordId

BACKGROUND = 20
"""Memories that are thought beside those of the scope, as where signals are standardised."""
_COMMON = 5
"""What one in so many memories has says nothing about which is meant."""

Has = NDArray[np.bool_]
"""A row for each memory, a column for each thing that is named."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a question names exactly."""

    identifiers: Sequence[str] = ()
    """As ``index.identifiers`` compares them."""
    quoted: Sequence[Collection[RecordId]] = ()
    """For each phrase in quotation marks, the memories that have it word for word."""

    def __bool__(self) -> bool:
        return bool(self.identifiers or self.quoted)

    def missing(self, has: Has) -> float:
        """Return the share of it that none of the memories of ``has`` has.

        Names of letters alone do not count: any word that begins a sentence may look like one.
        """
        counts = [not each.isalpha() for each in self.identifiers] + [True] * len(self.quoted)
        asked = np.array(counts, np.bool_)
        return float(1 - has[:, asked].any(axis=0).mean()) if asked.any() else 0.0


def has(index: PartitionIndex, named: Named) -> Has:
    """Return which memories of ``index`` have which of the things that are named."""
    found = np.zeros((len(index), len(named.identifiers) + len(named.quoted)), np.bool_)
    for column, identifier in enumerate(named.identifiers):
        docs, _ = index.exact.of(hash(identifier))
        found[docs, column] = True
    for column, ids in enumerate(named.quoted, len(named.identifiers)):
        found[[index.numbers[each] for each in ids if each in index.numbers], column] = True
    return found


class Holding:
    """Who holds what, over all memories of the scope; what nobody holds is left out."""

    def __init__(self, has: Has) -> None:
        self._has = has[:, has.any(axis=0)]
        counts = self._has.sum(axis=0)
        enough = math.log(max((len(has) + BACKGROUND) / _COMMON, math.e))
        self._rarity = np.maximum(0.0, 1 - np.log(np.maximum(counts, 1)) / enough)
        self.values: NDArray[np.float64] = self._has @ self._rarity
        """For each memory, how rare all is that it holds: 1 for a thing that it alone has."""

    def kept_in(
        self, best: Sequence[int], total: NDArray[np.float64], candidates: NDArray[np.intp]
    ) -> list[int]:
        """Return ``best`` with the best holder of each thing in it, the rarest things first.

        Who makes room is the last that is not itself the only holder of something rarer.
        """
        found = list(best)
        rarest = [int(column) for column in np.argsort(-self._rarity, kind="stable")]
        for done, column in enumerate(rarest):
            holders = candidates[self._has[candidates, column]]
            if not len(holders) or self._has[found, column].any():
                continue
            spare = [place for place in found if not self._needed(found, place, rarest[:done])]
            if spare:
                found.remove(spare[-1])
                found.append(int(holders[np.argmax(total[holders])]))
                found.sort(key=lambda place: -total[place])
        return found

    def _needed(self, found: Sequence[int], place: int, things: Sequence[int]) -> bool:
        others = [each for each in found if each != place]
        only = self._has[place] & ~self._has[others].any(axis=0)
        return bool(only[things].any())
