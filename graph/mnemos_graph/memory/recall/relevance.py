"""From a sum of signals to an estimate of the chance that a memory is relevant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mnemos_graph.index.comparing import Signal
from mnemos_graph.index.grounds import Grounds
from mnemos_graph.index.ranking import Share
from mnemos_graph.memory.recall.asking import Strategy


@dataclass(frozen=True, slots=True)
class SignalScore:
    signal: Signal
    rank: int | None
    """1 is best; None where the signal did not rank this memory."""
    score: float
    """Its share of the hit's score; the shares add up to it."""


NO_GROUNDS = Grounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The chance that a question is answered at all, times the chance of one hit if it is.

    Each of the two is logistic: the first over the grounds of the question, the second over the
    hit's sum and what competes with it.
    """

    slope: float
    crowd: float
    hit: float
    """Where the second begins."""
    apart: float = 0.0
    near: float = 0.0
    missing: float = 0.0
    uncovered: float = 0.0
    unlike: float = 0.0
    answered: float
    """Where the first begins."""

    def answerable(self, grounds: Grounds = NO_GROUNDS) -> float:
        """Return the chance that anything answers."""
        odds = self.answered + self.apart * grounds.apart + self.near * grounds.near
        odds += self.missing * grounds.missing + self.unlike * grounds.unlike
        return _chance(odds + self.uncovered * grounds.uncovered)

    def chance(self, total: float, grounds: Grounds = NO_GROUNDS) -> float:
        """Return a chance from 0 to 1 that, of one question, never falls while the sum grows."""
        odds = self.slope * total + self.crowd * grounds.crowd + self.hit
        return self.answerable(grounds) * _chance(odds)


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-max(-_STEEPEST, odds)))


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
    Strategy.HYBRID: Curve(
        slope=0.428,
        crowd=-0.256,
        hit=-3.346,
        apart=0.057,
        missing=-2.611,
        unlike=-0.955,
        answered=0.221,
    ),
    Strategy.TEXT: Curve(
        slope=0.556,
        crowd=-0.37,
        hit=-2.89,
        missing=-2.596,
        unlike=-1.004,
        answered=0.438,
    ),
    Strategy.VECTOR: Curve(
        slope=1.344,
        crowd=-1.287,
        hit=1.705,
        apart=0.027,
        missing=-2.557,
        unlike=-0.432,
        answered=0.256,
    ),
    Strategy.GRAPH: Curve(slope=12.0, crowd=0.0, hit=-4.6, answered=10.0),
}
"""Fitted by ``make bench ARGS=scores`` on the first 20 hits to 1,569 questions about five
conversations and our own set. The graph's was set by hand, for those have no graph: a memory that
carries an entity which the question names is more likely relevant than not."""
SECOND_CURVE = Curve(
    slope=0.809,
    crowd=-0.642,
    hit=-1.562,
    apart=0.676,
    near=13.838,
    missing=-2.549,
    uncovered=-4.451,
    unlike=-0.93,
    answered=-5.894,
)
"""Of a second look at the best, fitted like the others."""
