"""A circuit breaker: what failed several times in a row is left alone for a while.

Whoever needs a part that is away then hears so at once, in place of waiting for it. After a rest
one caller tries it again, and the others go on hearing that it is away until that one succeeds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import StrEnum

from mnemos_graph.errors import TryLater, Unavailable


class Circuit(StrEnum):
    CLOSED = "closed"
    """Everybody is let through."""
    OPEN = "open"
    """Nobody is."""
    HALF_OPEN = "half-open"
    """One is trying, or the next one will."""


class Breaker:
    """Belongs to one part. For one event loop, or one thread.

    Args:
        part: what it is called in an error.
        failures: in a row, after which it opens.
        rests: seconds to rest after each opening in a row; after the last one, as long again.
        clock: seconds that only ever grow.
    """

    def __init__(
        self,
        part: str,
        *,
        failures: int = 3,
        rests: tuple[float, ...] = (1.0, 2.0, 5.0),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._part = part
        self._most = failures
        self._rests = rests
        self._clock = clock
        self._failed = 0
        self._opened = 0
        self._until = 0.0
        self._trying = False

    @property
    def circuit(self) -> Circuit:
        if not self._opened:
            return Circuit.CLOSED
        resting = self._clock() < self._until
        return Circuit.OPEN if resting and not self._trying else Circuit.HALF_OPEN

    @contextmanager
    def passing(self) -> Generator[None]:
        """Let the block through, and learn from how it ends: ``TryLater`` is a failure.

        Raises:
            Unavailable: the part rests. The block was not begun.
        """
        trying = self._opened > 0
        if trying and (self._trying or self._clock() < self._until):
            raise Unavailable(f"{self._part} is away and tried again soon. Ask again then.")
        self._trying = trying
        try:
            yield
        except TryLater:
            self._fail(trying=trying)
            raise
        except Exception:
            self._succeed()  # it answered, and had something against the question
            raise
        else:
            self._succeed()
        finally:
            if trying:
                self._trying = False

    def _fail(self, *, trying: bool) -> None:
        self._failed += 1
        if trying or (not self._opened and self._failed >= self._most):
            rest = self._rests[min(self._opened, len(self._rests) - 1)]
            self._opened += 1
            self._until = self._clock() + rest

    def _succeed(self) -> None:
        self._failed = self._opened = 0
