"""How well the best fit by themselves, whatever else there is.

A sum of standardised signals says who stands out, and somebody always does. Whether anybody answers
is told by what is not measured against the rest of the scope.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Of one question, over all that was ranked."""

    alike: float = 0.0
    """The highest cosine with the question; 0 without vectors."""
    close: float = 0.0
    """The highest closeness of a memory's own tokens; 0 without a second look."""
    missing: float = 0.0
    """The share of the identifiers and quotations in the question that nothing in the scope has."""
