"""What a look at a server finds, for a person who wants to know whether it will do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    version: str
    """What it is, in a few words."""
    ahead_seconds: float
    """How far its clock is ahead of this machine's, at least; negative: how far it is behind."""
    odd: tuple[str, ...] = ()
    """What works and should be known, each with what to do."""
    bad: tuple[str, ...] = ()
    """What keeps it from being used, each with what to do."""


def ahead(theirs: float, asked: float, answered: float) -> float:
    """Return how far a clock is surely ahead that was read between two instants of our own."""
    if asked <= theirs <= answered:
        return 0.0
    return theirs - answered if theirs > answered else theirs - asked


def now_seconds() -> float:
    return datetime.now(UTC).timestamp()
