"""WebSockets on which a prepared text frame costs one write.

Sending through ASGI builds every message and every frame anew, and waits for whoever does not read.
Here a frame that is ready goes out at once, and whoever sends sees when the peer takes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

FRAMES = "mnemos.frames"
"""The extension of a WebSocket's ASGI scope under which its ``FramedSocket`` stands."""

MOST_BUFFERED = 32_768
"""Bytes written and not taken, from which on a peer counts as one that does not keep up."""

_LAST_TEXT = 0x81
_TWO_BYTES, _EIGHT_BYTES = 126, 127


def text_frame(message: bytes) -> bytes:
    """Return the frame of a whole text message, as a server sends it: unmasked, uncompressed."""
    size = len(message)
    if size < _TWO_BYTES:
        return bytes((_LAST_TEXT, size)) + message
    if size < 1 << 16:
        return bytes((_LAST_TEXT, _TWO_BYTES)) + size.to_bytes(2) + message
    return bytes((_LAST_TEXT, _EIGHT_BYTES)) + size.to_bytes(8) + message


class FramedSocket(WebSocketsSansIOProtocol):
    """A WebSocket of the server, which gives itself to the application in the scope."""

    flows = True
    """Whether the peer takes what is written about as fast as it comes."""
    on_flow: Callable[[], None] = staticmethod(lambda: None)
    """Called when it is so again."""

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self.close_sent or self.disconnected or self.transport.is_closing()

    def write(self, frame: bytes) -> None:
        """Send a frame, at once or as soon as the peer takes it; nothing where it is closed."""
        if not self.closed:
            self.transport.write(frame)

    def close(self, code: int, reason: str) -> None:
        """Begin to close behind what was written, and give a peer that takes nothing up."""
        if self.closed or not self.handshake_complete:
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        cast("asyncio.Transport", transport).set_write_buffer_limits(high=MOST_BUFFERED)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            extensions = cast("dict[str, object]", self.scope["extensions"])
            extensions[FRAMES] = self

    def pause_writing(self) -> None:
        self.flows = False
        super().pause_writing()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.flows = True
        self.on_flow()
