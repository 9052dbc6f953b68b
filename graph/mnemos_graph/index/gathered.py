"""The memories that a question is about, as one list over several partitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.comparing import Mask, Values
from mnemos_graph.index.partition import PartitionIndex
from mnemos_graph.store import VersionRef


class Gathered:
    """The memories that a question is about, of one partition behind the other."""

    def __init__(self, indexes: Sequence[PartitionIndex], masks: Sequence[Mask]) -> None:
        self.indexes = indexes
        self.numbers = [np.flatnonzero(mask) for mask in masks]
        self._ends = np.cumsum([len(numbers) for numbers in self.numbers])
        self.moments = self.of([index.moments.held for index in indexes])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def of(self, values: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Return the scope's part of what is known for each index, joined."""
        return np.concatenate([each[n] for each, n in zip(values, self.numbers, strict=True)])

    def ref(self, place: int) -> VersionRef:
        which = int(np.searchsorted(self._ends, place, "right"))
        numbers, end = self.numbers[which], int(self._ends[which])
        number = int(numbers[place - end + len(numbers)])
        return VersionRef(self.indexes[which].ids[number], self.indexes[which].version(number))

    def split(
        self, places: Sequence[int]
    ) -> Iterator[tuple[PartitionIndex, NDArray[np.intp], NDArray[np.intp]]]:
        """Yield for each partition which of ``places`` are of it, and their numbers in it."""
        chosen = np.array(places, np.intp)
        which = np.searchsorted(self._ends, chosen, "right")
        for place, (index, numbers, end) in enumerate(
            zip(self.indexes, self.numbers, self._ends, strict=True)
        ):
            here = chosen[which == place]
            yield index, here, numbers[here - int(end) + len(numbers)]

    def best(self, total: Values, candidates: NDArray[np.intp], first: int) -> list[int]:
        if len(candidates) > first:
            least = np.partition(total[candidates], -first)[-first]
            candidates = candidates[total[candidates] >= least]
        newest_id_first = sorted(map(int, candidates), key=self.ref, reverse=True)
        return sorted(
            newest_id_first, key=lambda each: (total[each], self.moments[each]), reverse=True
        )[:first]
