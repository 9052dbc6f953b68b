"""Signals of different kinds made comparable, so that they can be weighed and summed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

_NO_DEVIATION = 1e-9


class Signal(StrEnum):
    VECTOR = "vector"
    TEXT = "text"
    GRAPH = "graph"
    SESSION = "session"
    SPEAKER = "speaker"
    TIME = "time"
    EXACT = "exact"
    RERANK = "rerank"
    RECENCY = "recency"
    IMPORTANCE = "importance"
    LIVE = "live"
    """Speaks for nothing: where it is missing, a live answer is behind what was written."""


BACKGROUND = 20
"""Memories that are thought beside those of the scope when a signal is standardised, so that what
stands out is seen in a scope of one or two as well."""
OWN_TOKENS, TOKENS_AROUND = (0.355, 0.088), (0.425, 0.071)
"""Mean and deviation of closeness over the turns of a conversation, whatever is asked about it."""
STANDARDISED = {
    Signal.TEXT: (0.0, 0.0),
    Signal.SESSION: (0.0, 0.0),
    Signal.VECTOR: (0.128, 0.095),
}
"""Mean and deviation of each signal that is standardised, for what has nothing to do with the
question: no word in common, and the cosines of questions with turns of other conversations."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One signal over all memories of the scope."""

    values: Values
    known: Mask
    """Which have a value that can be compared."""
    ranks: Mask
    """Which it speaks for."""


def positive(values: Values, known: Mask | None = None) -> Raw:
    """Return a signal that speaks for what it has a value above 0 for."""
    return Raw(values, np.ones(len(values), np.bool_) if known is None else known, values > 0)


def comparable(signal: Signal, raw: Raw) -> Values:
    """Return values that can be weighed against other signals'; 0 where unknown.

    Where the signal is standardised: how far from the mean, in deviations.
    """
    if signal not in STANDARDISED:
        return raw.values
    return standardised(raw.values, raw.known, STANDARDISED[signal])


def standardised(values: Values, known: Mask, background: tuple[float, float]) -> Values:
    """Return how far each known value is from their mean, in deviations; 0 for the rest.

    ``background`` is the mean and deviation of what is thought beside them.
    """
    held, (mean, deviation) = values[known], background
    count = len(held) + BACKGROUND
    middle = (held.sum() + BACKGROUND * mean) / count
    squares = (held**2).sum() + BACKGROUND * (mean**2 + deviation**2)
    spread = math.sqrt(max(squares / count - middle**2, 0.0))
    if spread < _NO_DEVIATION:
        return np.zeros(len(values))
    return np.where(known, (values - middle) / spread, 0.0)
