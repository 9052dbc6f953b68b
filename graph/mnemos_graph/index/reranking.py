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
BEFORE, AFTER, FAR_BEFORE, FAR_AFTER = 0.95, 0.9, 0.85, 0.8
"""What a token counts that was said one or two turns away."""
MOST_ROWS = 32_768
"""Tokens that are compared for one question; the last of the best are left out where there are more."""
_NONE = -9.0
"""Lower than any cosine."""
_NEITHER = 0.42
"""The mean closeness of the best hundred to a question, between those that are answered and not."""
_STOP_WORD = 0.15
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

    @property
    def near(self) -> float:
        """The mean of as many as are looked at where there are enough, with the turns around.

        Each that a small scope lacks counts as neither near nor far.
        """
        held = self.around[self.known]
        lacking = max(DEPTH - len(held), 0)
        return float((held.sum() + lacking * _NEITHER) / (len(held) + lacking))


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
    silent = STOP_WORDS.issuperset(stems)
    return math.sqrt(sum(rarities) / len(rarities)) * (_STOP_WORD if silent else 1.0)


def closeness(
    index: PartitionIndex, numbers: Numbers, asked: AskedTokens, weights: Values
) -> Closeness:
    """Return how close the memories ``numbers`` of ``index`` are to the question, in this order."""
    own, around, known = _cosines(index, numbers, asked)
    return Closeness(
        np.where(known, weights @ own, 0.0), np.where(known, weights @ around, 0.0), known
    )


def uncovered(index: PartitionIndex, number: int, asked: AskedTokens, weights: Values) -> float:
    """Return how far a memory with the turns around it is from the word that it is farthest from.

    By how much the word tells, beside the one that tells most; words that tell nothing do not count.
    """
    _, around, known = _cosines(index, np.array([number]), asked)
    telling = [place for place, word in enumerate(asked.words) if _tells(word)]
    if not known[0] or not telling:
        return 0.0
    most = weights[telling].max()
    places: dict[str, list[int]] = {}
    for place in telling:
        places.setdefault(asked.words[place], []).append(place)
    far = [weights[of[0]] / most * (1 - around[of, 0].mean()) for of in places.values()]
    return float(max(far))


def _tells(word: str) -> bool:
    return bool(word) and not STOP_WORDS.issuperset(words(word) or [word])


def _cosines(
    index: PartitionIndex, numbers: Numbers, asked: AskedTokens
) -> tuple[Similarities, Similarities, NDArray[np.bool_]]:
    """Return (asked tokens, memories): the closest of a memory's own tokens, and of its window's.

    The third says which memories have tokens.
    """
    count = len(numbers)
    if index.tokens is None or not count:
        nothing = np.zeros((len(asked.rows), count), np.float32)
        return nothing, nothing, np.zeros(count, np.bool_)
    around = [(numbers, 1.0), *_around(index, numbers)]
    everything = np.concatenate([each for each, _ in around])
    having = _within_bounds(index.tokens, everything)
    places = np.full(len(index) + 1, -1)
    places[having] = np.arange(len(having))
    # One column more, where those point to that have no such neighbour or no tokens.
    cosines = np.full((len(asked.rows), len(having) + 1), _NONE, np.float32)
    if len(having):
        cosines[:, :-1] = index.tokens.closest(asked.rows, having)
    own = cosines[:, places[numbers]]
    best = own
    for neighbours, weight in around[1:]:
        best = np.maximum(best, _counted(cosines[:, places[neighbours]], weight))
    return own, best, places[numbers] >= 0


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
