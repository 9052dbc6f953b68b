"""How much one look may do, so that nothing else has to wait for it."""

from __future__ import annotations

import asyncio


class Budget:
    def __init__(self, seconds: float, records: int) -> None:
        """Begin now. ``records``: that may be looked at."""
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + seconds
        self._left = records

    @property
    def is_spent(self) -> bool:
        return self._left <= 0 or self._loop.time() >= self._until

    def spend(self, records: int = 1) -> None:
        self._left -= records
