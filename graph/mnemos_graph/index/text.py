"""BM25 over memories with their neighbours, and over stretches of conversation.

A memory is scored as a row of four columns: its own words, those of the turn before, of the turn
after, and of the turns two away; as SQLite's FTS5 scores ``bm25(rows, 1.0, 0.6, 0.4, 0.3)``. The
columns are never written down: own words are looked up, and neighbours joined while scoring, so a
new turn costs its own words only. Several partitions are scored as one table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.partition import PartitionIndex
from mnemos_graph.index.postings import Docs, Term

OWN, BEFORE, AFTER, FAR = 1.0, 0.6, 0.4, 0.3
"""What a word counts, by how far from the memory it was said (tuned on conversations)."""
_K1, _B = 1.2, 0.75
_LEAST_RARITY = 1e-6

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TextScores:
    """For each memory of one partition: how well its surroundings, and its stretch, match."""

    window: Scores
    stretch: Scores


class _Table:
    """Rows with a length each, whose words are found by ``hits``."""

    def __init__(self, lengths: NDArray[np.int64], rows: int) -> None:
        self.lengths = lengths
        self.rows = rows
        """How many of them are there: the rest is gone, or empty."""
        self.scores: Scores = np.zeros(len(lengths))


def score(indexes: Sequence[PartitionIndex], terms: Sequence[Term]) -> list[TextScores]:
    """Return the scores of every memory in each index; 0 where no word matches."""
    windows = [_Windows(index) for index in indexes]
    stretches = [_Stretches(index) for index in indexes]
    for term in terms:
        found = [_live(index, term) for index in indexes]
        _add(windows, [own.hits(*each) for own, each in zip(windows, found, strict=True)])
        _add(stretches, [own.hits(*each) for own, each in zip(stretches, found, strict=True)])
    return [
        TextScores(window.scores, stretch.of_memories())
        for window, stretch in zip(windows, stretches, strict=True)
    ]


def _live(index: PartitionIndex, term: Term) -> tuple[Docs, Scores]:
    docs, counts = index.postings.of(term)
    live = index.alive[docs]
    return docs[live], counts[live].astype(np.float64)


Hits = tuple[NDArray[np.intp], Scores]


def _add(tables: Sequence[_Table], hits: Sequence[Hits]) -> None:
    """Add one word's part of the score to the rows that have it."""
    rows = sum(table.rows for table in tables)
    having = sum(len(found) for found, _ in hits)
    if not having:
        return
    average = sum(int(table.lengths.sum()) for table in tables) / rows
    rarity = max(math.log((rows - having + 0.5) / (having + 0.5)), _LEAST_RARITY)
    for table, (found, times) in zip(tables, hits, strict=True):
        drag = _K1 * (1 - _B + _B * table.lengths[found] / average)
        table.scores[found] += rarity * times * (_K1 + 1) / (times + drag)


class _Windows(_Table):
    def __init__(self, index: PartitionIndex) -> None:
        count = len(index)
        # One slot more, where the neighbours of those without neighbours point to.
        self._before = np.append(index.sessions.before, -1)
        self._after = np.append(index.sessions.after, -1)
        self._times = np.zeros(count + 1)
        own = np.append(index.lengths, 0).astype(np.int64)
        around = sum(own[neighbour] for neighbour, _ in self._neighbours(np.arange(count)))
        super().__init__(np.where(index.alive, own[:count] + around, 0), len(index.numbers))

    def hits(self, docs: Docs, counts: Scores) -> Hits:
        times = self._times
        times[docs] += OWN * counts
        for neighbour, weight in self._neighbours(docs):
            times[neighbour] += weight * counts
        found = np.flatnonzero(times[:-1])
        values = times[found]
        times[:] = 0
        return found, values

    def _neighbours(self, docs: NDArray[np.integer]) -> Iterator[tuple[Docs, float]]:
        """Yield, for each memory, whom its words are a neighbour's for, and what they count there."""
        before, after = self._before[docs], self._after[docs]
        yield after, BEFORE
        yield before, AFTER
        yield self._before[before], FAR
        yield self._after[after], FAR


class _Stretches(_Table):
    def __init__(self, index: PartitionIndex) -> None:
        self._of = index.sessions.stretch
        self._count = index.sessions.stretches
        told = self._of >= 0
        lengths = np.bincount(self._of[told], index.lengths[told], self._count).astype(np.int64)
        super().__init__(lengths, len(np.unique(self._of[told])))

    def hits(self, docs: Docs, counts: Scores) -> Hits:
        stretch = self._of[docs]
        told = stretch >= 0
        times = np.bincount(stretch[told], counts[told], self._count).astype(np.float64)
        found = np.flatnonzero(times)
        return found, times[found]

    def of_memories(self) -> Scores:
        """Return for each memory the score of its stretch; 0 without one."""
        return np.append(self.scores, 0.0)[self._of]
