"""How long a model may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from mnemos_graph.errors import TimedOut
from mnemos_graph.language.models.protocol import Completion, LanguageModel, Piece, Request


class Timed:
    """A ``LanguageModel`` whose whole answer takes ``seconds`` at most.

    That nothing comes for a while is looked for by each provider itself; here is the answer that
    comes in drops. The time in which whoever listens to a stream is busy counts as well.
    """

    def __init__(self, model: LanguageModel, seconds: float) -> None:
        self._model = model
        self._seconds = seconds

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request) -> Completion:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._model.complete(request)
        except TimeoutError as late:
            raise self._late() from late

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._seconds
        async with aclosing(self._model.stream(request)) as pieces:
            while True:
                try:
                    async with asyncio.timeout_at(until):
                        piece = await anext(pieces)
                except StopAsyncIteration:
                    return
                except TimeoutError as late:
                    raise self._late() from late
                yield piece

    def _late(self) -> TimedOut:
        return TimedOut(f"{self.name} had not answered in {self._seconds:g} s.")
