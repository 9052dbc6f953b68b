"""How often somebody may ask: a bucket of tokens for each name, refilled evenly."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from mnemos_graph.errors import RateLimited

MOST_NAMES = 10_000
"""Buckets that are kept; beyond, the one longest unused is forgotten, which is a full one again."""


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
            raise RateLimited(
                f"More than {self._per_second} requests a second came from you. Ask again in a "
                "second."
            )
