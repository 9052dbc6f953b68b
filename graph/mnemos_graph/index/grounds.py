"""Whether a question is answered at all, as far as the ranking can tell.

A sum of standardised signals says who stands out, and somebody always does. Whether anybody answers
is told by what is not measured against the rest, and by what the best one lacks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnemos_graph.index.comparing import STANDARDISED, Raw, Signal, Values, standardised


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Of one question, over all that was ranked."""

    apart: float = 0.0
    """How far the highest cosine with the question is above their mean, in deviations; 0 without
    vectors."""
    near: float = 0.0
    """The mean closeness of what was looked at again, with the turns around, as if a small scope had
    more; 0 without a second look."""
    missing: float = 0.0
    """The share of the identifiers and quotations in the question that nothing in the scope has."""
    uncovered: float = 0.0
    """How far the best and the turns around it are from the word of the question that they are
    farthest from, by how much it tells: 0 to 1; 0 without a second look."""
    unlike: float = 0.0
    """1 where the best does not tell every kind of thing that is asked for."""
    crowd: float = 0.0
    """The logarithm of the sum of exponentials of all sums, whatever their scopes weigh: how much
    competes."""


def apart(cosines: Raw) -> float:
    found = standardised(cosines.values, cosines.known, STANDARDISED[Signal.VECTOR])
    return float(found[cosines.known].max(initial=0.0))


def crowd(totals: Values) -> float:
    """Return the logarithm of the sum of exponentials; 0 where nothing competes."""
    if not len(totals):
        return 0.0
    highest = float(totals.max())
    return highest + float(np.log(np.exp(totals - highest).sum()))
