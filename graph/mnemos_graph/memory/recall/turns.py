"""Turns at something costly, so that many who want it at once leave room for everything else."""

from __future__ import annotations

import asyncio

A_SECOND = 20
"""Turns that one process gives."""


class Turns:
    """First come, first served. Belongs to the event loop that uses it."""

    def __init__(self, a_second: float = A_SECOND) -> None:
        self._between = 1 / a_second
        self._free_at = 0.0
        self._line = asyncio.Lock()

    async def take(self) -> float:
        """Wait for a turn; return how many seconds that took."""
        loop = asyncio.get_running_loop()
        came = loop.time()
        async with self._line:
            await asyncio.sleep(self._free_at - loop.time())
            self._free_at = loop.time() + self._between
        return loop.time() - came
