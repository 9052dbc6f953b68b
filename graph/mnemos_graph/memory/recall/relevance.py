"""From a sum of signals to an estimate of the chance that a memory is relevant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mnemos_graph.index.comparing import BACKGROUND, Signal
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


@dataclass(frozen=True, slots=True)
class Curve:
    """A logistic curve over the sum of signals, moved by how well the best fits by itself.

    A question has about as many answers however much is known, so the same sum means less among
    many memories than among few.
    """

    slope: float
    offset: float
    alike: float = 0.0
    close: float = 0.0
    missing: float = 0.0

    def chance(self, total: float, among: int, grounds: Grounds = NO_GROUNDS) -> float:
        """Return a chance from 0 to 1 that, of one question, never falls while the sum grows."""
        odds = self.slope * total + self.offset - math.log(among + BACKGROUND)
        odds += self.alike * grounds.alike + self.close * grounds.close
        odds += self.missing * grounds.missing
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
    Strategy.HYBRID: Curve(0.267, -2.351, alike=4.072, missing=-1.675),
    Strategy.TEXT: Curve(0.304, 0.122, missing=-1.993),
    Strategy.VECTOR: Curve(1.01, -2.656, alike=3.519, missing=-1.665),
    Strategy.GRAPH: Curve(9.0, 3.8),
}
"""Fitted by ``make bench ARGS=scores`` on the first 20 answers to 1,569 questions about five
conversations and our own set. The graph's was set by hand, for those have no graph: a memory that
carries an entity which the question names is more likely relevant than not, also among a thousand."""
SECOND_CURVE = Curve(0.468, -2.6, alike=2.152, close=0.167, missing=-1.196)
"""Of a second look at the best; fitted as the others, with an offset .8 lower: of our own questions
without an answer a fifth at most gets a hit above .3."""
