"""Asking a model again, after it could not answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from mnemos_graph.errors import CutShort, Garbled, TryLater, Unusable
from mnemos_graph.language.models.protocol import Completion, LanguageModel, Piece, Request

Sleep = Callable[[float], Awaitable[None]]


class Waits:
    """When to ask again: up to ``attempts`` times in all, after longer waits each time.

    The waits double from ``first`` seconds to ``longest``, each shortened by chance to as little as
    half, so that those who failed together do not come back together. A provider that says how long
    to wait is believed; where that is longer than ``longest``, there is no point in staying, and
    the error goes on to whoever can wait (a job, the next model). What is garbled gets one more
    chance; what is set up wrongly, or was cut short, none.
    """

    def __init__(
        self,
        *,
        attempts: int = 4,
        first: float = 0.5,
        longest: float = 20.0,
        sleep: Sleep = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._attempts = attempts
        self._first = first
        self._longest = longest
        self._sleep = sleep
        self._chance = chance

    async def before_another(self, error: TryLater, attempt: int, garbled: int) -> None:
        """Wait for the next attempt, or raise ``error`` where there is none."""
        if isinstance(error, Unusable | CutShort) or attempt >= self._attempts or garbled > 1:
            raise error
        if error.after is not None:
            if error.after > self._longest:
                raise error
            wait = error.after + self._first * self._chance()
        else:
            wait = min(self._longest, self._first * 2 ** (attempt - 1))
            wait *= 0.5 + 0.5 * self._chance()
        await self._sleep(wait)


class Retrying:
    """A ``LanguageModel`` that is asked again. A stream only before its first piece."""

    def __init__(self, model: LanguageModel, waits: Waits | None = None) -> None:
        self._model = model
        self._waits = waits or Waits()

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request) -> Completion:
        attempt, garbled = 1, 0
        while True:
            try:
                return await self._model.complete(request)
            except TryLater as error:
                garbled += isinstance(error, Garbled)
                await self._waits.before_another(error, attempt, garbled)
            attempt += 1

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        attempt, garbled = 1, 0
        while True:
            begun = False
            try:
                async with aclosing(self._model.stream(request)) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
            except TryLater as error:
                if begun:
                    raise
                garbled += isinstance(error, Garbled)
                await self._waits.before_another(error, attempt, garbled)
            else:
                return
            attempt += 1
