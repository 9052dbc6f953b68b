"""From a sum of signals to an estimate of the chance that a memory is relevant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mnemos_graph.index.comparing import BACKGROUND, Signal
from mnemos_graph.index.ranking import Share
from mnemos_graph.memory.recall.asking import Strategy


@dataclass(frozen=True, slots=True)
class SignalScore:
    signal: Signal
    rank: int | None
    """1 is best; None where the signal did not rank this memory."""
    score: float
    """Its share of the hit's score; the shares add up to it."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A logistic curve over the sum of signals.

    A question has about as many answers however much is known, so the same sum means less among
    many memories than among few.
    """

    slope: float
    offset: float

    def chance(self, total: float, among: int) -> float:
        """Return a chance from 0 to 1 that never falls while the sum grows."""
        odds = self.slope * total + self.offset - math.log(among + BACKGROUND)
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
    Strategy.HYBRID: Curve(0.345, -0.383),
    Strategy.TEXT: Curve(0.398, -0.294),
    Strategy.VECTOR: Curve(1.887, -1.183),
    Strategy.GRAPH: Curve(9.0, 3.8),
}
"""Fitted on the first 50 answers to each of 760 questions about five conversations. The graph's was
set by hand, for those conversations have no graph: a memory that carries an entity which the
question names is more likely relevant than not, also among a thousand."""
SECOND_CURVE = Curve(0.615, -1.034)
"""Of a second look at the best; fitted as the others."""
