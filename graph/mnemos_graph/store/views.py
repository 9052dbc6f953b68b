"""What holds: the conditions behind ``asOf`` and ``knownAt``.

Intervals are half-open and an absent bound is unbounded: a fact holds at t when
``valid_from <= t < valid_to`` and it is not invalid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mnemos_graph.model import Position
from mnemos_graph.store.filters import Filter, Present, Range


@dataclass(frozen=True, slots=True)
class View:
    """One (asOf, knownAt), held for a whole answer and everything below it."""

    as_of: datetime
    """The instant in the world; for now, the moment at which the question came in."""
    known_at: Position | None = None
    """The log position whose knowledge answers; None: what is known now."""


def holding(view: View) -> Filter:
    """Return the conditions under which a record with a validity interval holds."""
    return (
        Range("valid_from", at_most=view.as_of, or_absent=True),
        Range("valid_to", above=view.as_of, or_absent=True),
    )


def facts_holding(view: View) -> Filter:
    """Return the conditions under which a fact holds."""
    return (*holding(view), Present("invalidated_at", present=False))


def memories_holding(view: View) -> Filter:
    """Return the conditions under which a memory holds and has not expired."""
    return (*holding(view), Range("expires_at", above=view.as_of, or_absent=True))
