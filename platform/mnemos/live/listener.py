"""Who is told, and how many are at once without holding up the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from mnemos.live.payload import Payload
from mnemos_graph.model import Position

AT_ONCE = 100
"""Listeners that are told before others have their turn on the event loop."""


class Listener(Protocol):
    """One subscription of one client, over whatever protocol."""

    position: Position
    """How far it was told, where it listens to the log."""
    gone: bool
    """Whether there is nobody to tell any more."""

    @property
    def roomy(self) -> bool:
        """Whether it takes what it is told as fast as that comes."""
        ...

    def take(self, payload: Payload) -> None:
        """Send it, or keep it until it can be sent; never wait. What is too much ends the listener."""
        ...

    def complete(self, last: bytes | None = None) -> None:
        """End in order, behind a last result if there is one."""
        ...

    def refuse(self, errors: Sequence[Any]) -> None:
        """End before anything was told: the question cannot be executed."""
        ...

    async def room(self) -> None:
        """Wait until it is roomy, or gone."""
        ...


class Members:
    """Those of a group who are told whatever comes."""

    def __init__(self) -> None:
        self._listeners: dict[Listener, None] = {}

    def __len__(self) -> int:
        return len(self._listeners)

    def add(self, listener: Listener) -> None:
        self._listeners[listener] = None

    def discard(self, listener: Listener) -> None:
        self._listeners.pop(listener, None)

    async def each(self, tell: Callable[[Listener], None]) -> None:
        """Call ``tell`` for everybody who is a member now and still is when their turn comes."""
        for number, listener in enumerate(tuple(self._listeners), 1):
            if listener in self._listeners:
                tell(listener)
            if not number % AT_ONCE:
                await asyncio.sleep(0)
