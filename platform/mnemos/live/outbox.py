"""What waits to be sent on one socket, and what happens when it is too much."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from mnemos.frames import text_frame
from mnemos.live.payload import Payload

MOST_BYTES = 1_048_576
"""That may wait for one socket. One message may be larger, where it waits alone."""


class Frames(Protocol):
    """A socket that sends prepared frames; see ``FramedSocket``."""

    flows: bool
    on_flow: Callable[[], None]

    def write(self, frame: bytes) -> None: ...


class Outbox:
    """Messages of one socket in order. While its peer takes nothing, they wait here."""

    def __init__(
        self, frames: Frames, on_overflow: Callable[[], None], most_bytes: int = MOST_BYTES
    ) -> None:
        """``on_overflow``: called once, when more would have to wait than may."""
        self._frames = frames
        self._on_overflow = on_overflow
        self._most_bytes = most_bytes
        self._waiting: deque[tuple[bytes, Payload, Callable[[Payload], None]]] = deque()
        self._bytes = 0
        self._emptied: asyncio.Event | None = None
        self._closed = False
        frames.on_flow = self._flow

    @property
    def roomy(self) -> bool:
        """Whether the next message goes out at once."""
        return self._frames.flows and not self._waiting

    def send(self, begins: bytes, payload: Payload, sent: Callable[[Payload], None]) -> None:
        """Send a message that begins so and ends with a payload; call ``sent`` when it is written."""
        if self._frames.flows and not self._waiting:
            self._frames.write(payload.frame(begins))
            sent(payload)
            return
        if self._closed:
            return
        self._bytes += len(payload.body)
        self._waiting.append((begins, payload, sent))
        if self._bytes > self._most_bytes and len(self._waiting) > 1:
            self.close()
            self._on_overflow()

    def close(self) -> None:
        """Let go of what waits: nobody will take it."""
        self._closed = True
        self._waiting.clear()
        self._wake()

    async def room(self) -> None:
        """Wait until it is roomy, or closed."""
        while not (self.roomy or self._closed):
            if self._emptied is None:
                self._emptied = asyncio.Event()
            await self._emptied.wait()

    def _flow(self) -> None:
        while self._waiting and self._frames.flows:
            begins, payload, sent = self._waiting.popleft()
            self._bytes -= len(payload.body)
            self._frames.write(text_frame(begins + payload.body + b"}"))
            sent(payload)
        if not self._waiting:
            self._wake()

    def _wake(self) -> None:
        if self._emptied is not None:
            self._emptied.set()
            self._emptied = None
