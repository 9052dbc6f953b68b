"""How much is asked of a model: at the same time, and in a minute."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Protocol

import msgspec

from mnemos_graph.errors import RateLimited
from mnemos_graph.language.bills import Usage
from mnemos_graph.language.models.protocol import (
    Completion,
    LanguageModel,
    Piece,
    Request,
)

BYTES_A_TOKEN = 3
"""Fewer than a token has in any language that is much used: an estimate errs on the safe side."""
_MINUTE = 60.0
_NOTHING = 1e-6
"""What is missing by no more is missing by rounding."""


USED_UP = "The model's share of this minute is used up."


class Minute(Protocol):
    """What may be used of something in a minute."""

    async def take(self, amount: float, *, patience: float) -> None:
        """Take an amount, waiting for it.

        Raises:
            RateLimited: it is not there within ``patience`` seconds; nothing was taken.
        """
        ...

    async def give_back(self, amount: float) -> None:
        """Give back what was not used; or, below 0, use more than was taken."""
        ...


class Bucket:
    """A ``Minute`` of this process: holds what may be used in a minute, and fills as the minute goes by. First come, first served.

    Whoever wants more than it ever holds waits until it is full, and leaves a debt.
    """

    def __init__(
        self,
        a_minute: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._most = a_minute
        self._left = a_minute
        self._clock = clock
        self._sleep = sleep
        self._at = clock()
        self._turn = asyncio.Lock()

    async def take(self, amount: float, *, patience: float) -> None:
        until = self._clock() + patience
        async with self._turn:
            wait = self._wait(amount)
            while wait > 0:
                if self._clock() + wait > until:
                    raise RateLimited(USED_UP, after=wait)
                await self._sleep(wait)
                wait = self._wait(amount)
            self._left -= amount

    async def give_back(self, amount: float) -> None:
        self._left = min(self._most, self._left + amount)

    def _wait(self, amount: float) -> float:
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._most / _MINUTE)
        self._at = now
        missing = min(amount, self._most) - self._left
        return missing * _MINUTE / self._most if missing > _NOTHING else 0.0


class Limited:
    """A ``LanguageModel`` that is asked ``at_once`` times at the same time, and so much a minute.

    What a request will take is estimated before, from its length and that of the longest answer it
    may have; what it took is put right after.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        at_once: int,
        requests: Minute | None = None,
        tokens: Minute | None = None,
        patience: float = 60.0,
    ) -> None:
        self._model = model
        self._places = asyncio.Semaphore(at_once)
        self._requests = requests
        self._tokens = tokens
        self._patience = patience

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request) -> Completion:
        async with self._share(request) as used:
            completion = await self._model.complete(request)
            used.append(completion.usage)
            return completion

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        async with self._share(request) as used, aclosing(self._model.stream(request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Completion):
                    used.append(piece.usage)
                yield piece

    @asynccontextmanager
    async def _share(self, request: Request) -> AsyncGenerator[list[Usage], None]:
        estimate = tokens_of(request) + request.most_tokens
        async with self._places:
            if self._requests:
                await self._requests.take(1, patience=self._patience)
            if self._tokens:
                await self._tokens.take(estimate, patience=self._patience)
            used: list[Usage] = []
            try:
                yield used
            finally:
                if self._tokens and used:
                    took = sum(usage.read + usage.written for usage in used)
                    await self._tokens.give_back(estimate - took)


def tokens_of(request: Request) -> int:
    """Return about how many tokens a request has, rather too many than too few."""
    size = len(request.system.encode())
    for message in request.messages:
        size += len(message.text.encode())
        size += sum(len(result.text.encode()) for result in message.results)
        size += sum(len(msgspec.json.encode(call.arguments)) for call in message.calls)
    schemas = [tool.schema for tool in request.tools]
    schemas += [request.schema] if request.schema else []
    size += sum(len(msgspec.json.encode(schema.plain)) for schema in schemas)
    return size // BYTES_A_TOKEN + 1
