"""Serving an application until somebody ends it."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from mnemos.door import Reach
from mnemos.frames import FramedSocket
from mnemos.settings import Settings

PING_SECONDS = 60.0
"""How often a WebSocket is asked whether it is still there: ten thousand of them are many."""
PONG_SECONDS = 30.0
"""How long it may think about it."""

Drain = Callable[[float], Awaitable[None]]
"""Ends everything that is open within some seconds."""


def configured(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Return how ``app`` is served. Compression is off: it costs more than it saves on a machine."""
    return uvicorn.Config(
        app,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        ws=FramedSocket,
        ws_max_size=settings.frame_bytes,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PONG_SECONDS,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=max(1, round(settings.stop_seconds)),
    )


class Server(uvicorn.Server):
    """Says at which address it serves as soon as it does, and ends what is open before it stops."""

    def __init__(self, config: uvicorn.Config, seconds: float, drain: Drain) -> None:
        super().__init__(config)
        self._seconds = seconds
        self._drain = drain
        self.address = ""
        self.on_address: Callable[[str], None] = lambda _: None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.address = address_of(self.servers[0].sockets[0])
            self.on_address(self.address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # What the system has taken on for us by now is served: closing would cut it off.
        await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        began = time.monotonic()
        await self._drain(self._seconds)
        left = self._seconds - (time.monotonic() - began)
        self.config.timeout_graceful_shutdown = max(1, round(left))
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop on a signal, and leave it at that: what is open is still to be closed in order."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self._hear) for each in _ENDING}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _hear(self, sig: int, frame: FrameType | None) -> None:
        self.handle_exit(sig, frame)


_ENDING = (signal.SIGINT, signal.SIGTERM)


def address_of(listening: socket.socket) -> str:
    """Return the URL by which this machine reaches a listening socket."""
    host, port = listening.getsockname()[:2]
    ip = ipaddress.ip_address(host)
    if ip.is_unspecified:
        ip = ipaddress.ip_address("::1" if ip.version == 6 else "127.0.0.1")  # noqa: PLR2004
    return f"http://[{ip}]:{port}" if ip.version == 6 else f"http://{ip}:{port}"  # noqa: PLR2004


def reach_of(listening: socket.socket) -> Reach:
    """Return from where a listening socket can be reached."""
    loopback = ipaddress.ip_address(listening.getsockname()[0]).is_loopback
    return Reach.MACHINE if loopback else Reach.ANYWHERE
