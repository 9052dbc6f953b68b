"""From a sum of signals to an estimate of the chance that a memory is relevant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mnemos_graph.index.ranking import Share, Signal
from mnemos_graph.memory.asking import Strategy


@dataclass(frozen=True, slots=True)
class SignalScore:
    signal: Signal
    rank: int | None
    """1 is best; None where the signal did not rank this memory."""
    score: float
    """Its share of the hit's score; the shares add up to it."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A logistic curve: the chance at a sum of 0, and how fast it grows."""

    slope: float
    offset: float

    def chance(self, total: float) -> float:
        """Return a chance from 0 to 1 that never falls while the sum grows."""
        return 1 / (1 + math.exp(-max(-_STEEPEST, self.slope * total + self.offset)))


_STEEPEST = 700.0
"""Beyond, ``exp`` overflows."""


def explained(score: float, shares: Sequence[Share]) -> tuple[SignalScore, ...]:
    """Return ``score`` divided among the signals that spoke for the memory, by how loud they were.

    A signal that spoke against it has no share.
    """
    spoken = sum(max(share.part, 0.0) for share in shares)
    return tuple(
        SignalScore(
            share.signal,
            share.rank,
            score * (max(share.part, 0.0) / spoken if spoken else 1 / len(shares)),
        )
        for share in shares
    )


CURVES: Mapping[Strategy, Curve] = {
    Strategy.HYBRID: Curve(0.385, -6.52),
    Strategy.TEXT: Curve(0.385, -6.52),
    Strategy.VECTOR: Curve(0.385, -6.52),
    Strategy.GRAPH: Curve(4.0, -2.0),
}
"""Fitted on the first 50 answers to the questions about five tuning conversations; the graph's is
not, for they have no graph: what carries just one thing that the question names counts as even."""
