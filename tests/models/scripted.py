"""A model that does what it is told to, and a clock that only moves when somebody waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from mnemos_graph.errors import MnemosError
from mnemos_graph.language.bills import Usage
from mnemos_graph.language.models.protocol import Completion, Message, Piece, Request

ASK = Request(messages=(Message(text="Good morning?"),), most_tokens=100)
ANSWER = Completion(text="Good morning.", usage=Usage(read=40, written=6))


class Scripted:
    """A ``LanguageModel``: answers and errors in turn, the last one for ever."""

    def __init__(self, *deeds: Completion | MnemosError, name: str = "scripted:one") -> None:
        self.name = name
        self.deeds = list(deeds) or [ANSWER]
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.pieces: Sequence[str] = ()
        """What a stream yields before its deed."""
        self.pause = 0.0

    async def complete(self, request: Request) -> Completion:
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.pause)
        finally:
            self.at_once -= 1
        deed = self.deeds.pop(0) if len(self.deeds) > 1 else self.deeds[0]
        if isinstance(deed, MnemosError):
            raise deed
        return deed

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        for piece in self.pieces:
            yield piece
        yield await self.complete(request)


class Clock:
    """Seconds that pass by waiting alone."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)
