"""Serving an application until somebody ends it."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

LARGEST_FRAME = 65_536
"""Bytes of one WebSocket message."""
LONGEST_GOODBYE = 10
"""Seconds that requests have to end after a signal: as long as an operation may take at all."""


class Server(uvicorn.Server):
    """Says at which address it serves as soon as it does."""

    def __init__(self, app: ASGIApp, announce: Callable[[str], None]) -> None:
        config = uvicorn.Config(
            app,
            lifespan="on",
            access_log=False,
            log_level="warning",
            server_header=False,
            ws_max_size=LARGEST_FRAME,
            timeout_graceful_shutdown=LONGEST_GOODBYE,
        )
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._announce(f"http://{host}:{port}")
