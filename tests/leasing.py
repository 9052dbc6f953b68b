"""Leases for several processes that are all in the one of a test."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from mnemos_graph.leases import Lease


class SharedLeases:
    """Keeps the promise of ``Leases``, and can take one away from its holder."""

    def __init__(self) -> None:
        self._free: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._held: dict[str, Lease] = {}
        self.holders: defaultdict[str, int] = defaultdict(int)

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncGenerator[Lease, None]:
        async with self._free[name]:
            lease = self._held[name] = Lease()
            self.holders[name] += 1
            yield lease

    def take_away(self, name: str) -> None:
        """Let whoever holds it lose it."""
        self._held[name].lost.set()
