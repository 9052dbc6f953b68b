"""A second look at the best: each word of the question against each word of a memory, by meaning.

For every token of the question the closest token of a memory is taken, of its own and, for a little
less, of what was said around it; the mean over the question's tokens, by how much each of them
tells, is how well the memory answers (late interaction).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.partition import PartitionIndex
from mnemos_graph.index.question import STOP_WORDS
from mnemos_graph.index.tokens import Similarities, TokenRows, Tokens
from mnemos_graph.model.words import words

DEPTH = 100
"""Memories that are looked at again: as many as can be asked for at most."""
BEFORE, AFTER, FAR_BEFORE, FAR_AFTER = 0.9, 0.8, 0.8, 0.7
"""What a token counts that was said one or two turns away."""
MOST_ROWS = 32_768
"""Tokens that are compared for one question; the last of the best are left out where there are more."""
_NONE = -9.0
"""Lower than any cosine."""
_STOP_WORD = 0.3
"""What a word that tells nothing counts, of what its rarity says."""

Values = NDArray[np.float64]
Numbers = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class AskedTokens:
    """The question, token by token."""

    rows: TokenRows
    words: Sequence[str]
    """The word that each token is of; empty where it is of none."""


@dataclass(frozen=True, slots=True)
class Closeness:
    """How close some memories of one partition are to the question, -1 to 1."""

    own: Values
    around: Values
    """With the turns around it."""
    known: NDArray[np.bool_]
    """Which of the memories have token vectors; the rest has 0."""


def token_weights(indexes: Sequence[PartitionIndex], asked: Sequence[str]) -> Values:
    """Return how much each token tells: the rarer its word is in the partitions, the more. Sums to 1."""
    count = sum(len(index.numbers) for index in indexes)
    known = {word: _weight(indexes, count, word) for word in set(asked)}
    found = np.array([known[word] for word in asked])
    weights: Values = found / found.sum()
    return weights


def _weight(indexes: Sequence[PartitionIndex], count: int, word: str) -> float:
    stems = words(word) or [word]
    rarities = []
    for stem in stems:
        docs = [index.postings.of(hash(stem))[0] for index in indexes]
        having = sum(
            int(np.count_nonzero(index.alive[each]))
            for index, each in zip(indexes, docs, strict=True)
        )
        rarities.append(math.log(1 + (count - having + 0.5) / (having + 0.5)))
    silent = all(stem in STOP_WORDS for stem in stems)
    return math.sqrt(sum(rarities) / len(rarities)) * (_STOP_WORD if silent else 1.0)


def closeness(
    index: PartitionIndex, numbers: Numbers, asked: AskedTokens, weights: Values
) -> Closeness:
    """Return how close the memories ``numbers`` of ``index`` are to the question, in this order."""
    count = len(numbers)
    if index.tokens is None or not count:
        return Closeness(np.zeros(count), np.zeros(count), np.zeros(count, np.bool_))
    around = [(numbers, 1.0), *_around(index, numbers)]
    everything = np.concatenate([each for each, _ in around])
    having = _within_bounds(index.tokens, everything)
    places = np.full(len(index) + 1, -1)
    places[having] = np.arange(len(having))
    # One column more, where those point to that have no such neighbour or no tokens.
    cosines = np.full((len(asked.rows), len(having) + 1), _NONE, np.float32)
    if len(having):
        cosines[:, :-1] = index.tokens.closest(asked.rows, having)
    known = places[numbers] >= 0
    own = cosines[:, places[numbers]]
    best = own
    for neighbours, weight in around[1:]:
        best = np.maximum(best, _counted(cosines[:, places[neighbours]], weight))
    return Closeness(
        np.where(known, weights @ own, 0.0), np.where(known, weights @ best, 0.0), known
    )


def _counted(cosines: Similarities, weight: float) -> Similarities:
    return np.where(cosines > 0, cosines * np.float32(weight), cosines)


def _around(index: PartitionIndex, numbers: Numbers) -> Iterator[tuple[Numbers, float]]:
    before, after = np.append(index.sessions.before, -1), np.append(index.sessions.after, -1)
    yield before[numbers], BEFORE
    yield after[numbers], AFTER
    yield before[before[numbers]], FAR_BEFORE
    yield after[after[numbers]], FAR_AFTER


def _within_bounds(tokens: Tokens, numbers: Numbers) -> Numbers:
    """Return those of ``numbers`` that have tokens, each once, the first ones as far as they fit."""
    _, first = np.unique(numbers, return_index=True)
    ordered = numbers[np.sort(first)]
    ordered = ordered[ordered >= 0]
    counts = tokens.counts[ordered]
    ordered, counts = ordered[counts > 0], counts[counts > 0]
    return ordered[np.cumsum(counts) <= MOST_ROWS]
