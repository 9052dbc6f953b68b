"""How often somebody may ask: a bucket of tokens for each name, refilled evenly."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from mnemos_graph.errors import MnemosError, RateLimited

MOST_NAMES = 10_000
"""Buckets that are kept; beyond, the one longest unused is forgotten, which is a full one again."""
AWAY_SECONDS = 1.0
"""How long nobody asks for the shared buckets after they could not be had."""

log = logging.getLogger(__name__)


class Buckets(Protocol):
    """Buckets that several processes take from."""

    async def take(self, name: str, per_second: int, burst: int) -> bool:
        """Take a token; return whether there was one.

        Raises:
            MnemosError: nobody can tell now.
        """
        ...


class Rate:
    """``per_second`` requests for each name, ``burst`` of them at once. 0 a second: no limit."""

    def __init__(
        self, per_second: int, burst: int, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._tick = tick
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> None:
        """Count one request.

        Raises:
            RateLimited: it is one too many.
        """
        if not self._per_second:
            return
        now = self._tick()
        tokens, at = self._buckets.pop(name, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - at) * self._per_second)
        self._buckets[name] = (tokens - 1 if tokens >= 1 else tokens), now
        if len(self._buckets) > MOST_NAMES:
            self._buckets.popitem(last=False)
        if tokens < 1:
            raise _limited(self._per_second)


class SharedRate:
    """A rate over all processes; while they cannot be asked, each counts for itself."""

    def __init__(
        self,
        what: str,
        per_second: int,
        burst: int,
        shared: Buckets | None = None,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        """``what``: of what the names are, so that those of two rates are not the same."""
        self._what = what
        self._per_second = per_second
        self._burst = burst
        self._shared = shared
        self._tick = tick
        self._here = Rate(per_second, burst, tick)
        self._away_until = 0.0

    async def take(self, name: str) -> None:
        """Count one request.

        Raises:
            RateLimited: it is one too many.
        """
        if not self._per_second:
            return
        if self._shared is None or self._tick() < self._away_until:
            self._here.take(name)
            return
        try:
            given = await self._shared.take(f"{self._what}:{name}", self._per_second, self._burst)
        except MnemosError as away:
            log.warning("requests are counted in each process by itself: %s", away)
            self._away_until = self._tick() + AWAY_SECONDS
            self._here.take(name)
            return
        if not given:
            raise _limited(self._per_second)


def _limited(per_second: int) -> RateLimited:
    return RateLimited(
        f"More than {per_second} requests a second came from you. Ask again in a second."
    )
