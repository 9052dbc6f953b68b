"""A model's share of a minute, over all processes that ask it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from mnemos_graph.errors import MnemosError, RateLimited
from mnemos_graph.language.models.limiting import USED_UP, Bucket
from mnemos_graph.language.shares import Shares

AWAY_SECONDS = 1.0
"""How long nobody asks for the shared minute after it could not be had."""

log = logging.getLogger(__name__)


class SharedBucket:
    """A ``Minute`` that all processes have together; while it is away, each has one of its own.

    First come, first served within a process; between processes it is chance.
    """

    def __init__(
        self,
        name: str,
        a_minute: float,
        shares: Shares,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._name = name
        self._a_minute = a_minute
        self._shares = shares
        self._own = Bucket(a_minute, clock=clock, sleep=sleep)
        self._clock = clock
        self._sleep = sleep
        self._away_until = 0.0
        self._turn = asyncio.Lock()

    async def take(self, amount: float, *, patience: float) -> None:
        until = self._clock() + patience
        async with self._turn:
            while (wait := await self._drawn(amount)) is not None:
                if not wait:
                    return
                if self._clock() + wait > until:
                    raise RateLimited(USED_UP, after=wait)
                await self._sleep(wait)
            await self._own.take(amount, patience=until - self._clock())

    async def give_back(self, amount: float) -> None:
        if self._clock() < self._away_until:
            await self._own.give_back(amount)
            return
        try:
            await self._shares.give_back(self._name, self._a_minute, amount)
        except MnemosError as away:
            self._left_alone(away)

    async def _drawn(self, amount: float) -> float | None:
        """Return the seconds to wait, 0 where it was taken; None: nobody can tell."""
        if self._clock() < self._away_until:
            return None
        try:
            return await self._shares.draw(self._name, self._a_minute, amount)
        except MnemosError as away:
            self._left_alone(away)
            return None

    def _left_alone(self, away: MnemosError) -> None:
        log.warning("what models are asked is counted in each process by itself: %s", away)
        self._away_until = self._clock() + AWAY_SECONDS
