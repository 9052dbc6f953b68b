"""How long a job that could not be done waits for its next try, and when it is given up."""

from __future__ import annotations

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
"""Seconds between two tries."""
MOST_TRIES = 100
"""In a row, without having come any further: about eight hours, most of them five minutes apart."""


def pause_before(tries: int, first: float = FIRST_PAUSE) -> float:
    """Return the seconds to wait after so many tries in a row."""
    return min(first * 2.0 ** min(tries - 1, 60), LONGEST_PAUSE) if tries else 0.0
