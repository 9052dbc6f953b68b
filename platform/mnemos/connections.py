"""Everything that stays open: found when its credentials end, and when the program does."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from mnemos.door import Door
from mnemos_graph.errors import TryLater, Unauthenticated

CHECK_SECONDS = 1.0
"""How often the credentials of what is open are looked at."""

log = logging.getLogger(__name__)


class Connection(Protocol):
    secret: str | None
    """The key that opened it; None in local mode."""

    async def revoke(self) -> None:
        """Close it: its credentials open nothing any more."""
        ...

    async def drain(self, seconds: float) -> None:
        """Finish what was accepted, for up to ``seconds``; then close it and say where it stood."""
        ...


class Connections:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._open: set[Connection] = set()
        self.draining = False

    def add(self, connection: Connection) -> None:
        self._open.add(connection)

    def discard(self, connection: Connection) -> None:
        self._open.discard(connection)

    async def watch(self) -> None:
        """Close what was opened with a key that is revoked; never returns."""
        away = False
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for secret in {connection.secret for connection in self._open}:
                try:
                    await self._door.caller(secret)
                    away = False
                except Unauthenticated:
                    await self._revoke(secret)
                except TryLater as later:
                    if not away:
                        log.warning(
                            "keys cannot be looked at, and what is open stays so: %s", later
                        )
                    away = True
                    break
                except Exception:
                    log.exception("what is open could not be checked, and stays open for now")

    async def drain(self, seconds: float) -> None:
        """Take nothing new, and end all that is open within ``seconds``."""
        self.draining = True
        await asyncio.gather(
            *(each.drain(seconds) for each in tuple(self._open)), return_exceptions=True
        )

    async def _revoke(self, secret: str | None) -> None:
        ended = [each for each in self._open if each.secret == secret]
        await asyncio.gather(*(each.revoke() for each in ended), return_exceptions=True)
