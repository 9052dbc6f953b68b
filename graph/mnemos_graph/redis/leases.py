"""Leases kept in Redis: a name is somebody's for a while, and for longer while he renews it.

The holder counts his time from before he asked for it and gives up a tenth of it early; Redis counts
from after it heard him. So he gives up before the name is free for others.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from mnemos_graph.ending import end
from mnemos_graph.leases import Lease
from mnemos_graph.redis.connection import Connection
from mnemos_graph.redis.troubles import Troubles

LEASE_SECONDS = 15.0

_TAKE = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
"""Also renews. A name that nobody holds may be taken, also when Redis forgot that it was ours."""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"

log = logging.getLogger(__name__)


class RedisLeases:
    """``seconds``: for how long a name stays taken when its holder is gone."""

    def __init__(self, connection: Connection, seconds: float = LEASE_SECONDS) -> None:
        self._connection = connection
        self._seconds = seconds

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncGenerator[Lease, None]:
        """Wait until no other process holds ``name``, and hold it until the block is left."""
        key, token = self._connection.address.name("lease", name), secrets.token_hex(16)
        until = await self._wait(key, token)
        lease = Lease()
        keeping = asyncio.create_task(self._keep(lease, key, token, until), name=f"keep {name}")
        try:
            yield lease
        finally:
            await end(keeping)
            with suppress(*Troubles):
                await self._connection.evaluate(_RELEASE, key, token)

    async def _wait(self, key: str, token: str) -> float:
        while True:
            with suppress(*Troubles):
                if until := await self._take(key, token):
                    return until
            await asyncio.sleep(self._seconds / 3 * random.uniform(0.2, 1))  # noqa: S311 - no secret

    async def _keep(self, lease: Lease, key: str, token: str, until: float) -> None:
        """Renew, and say that it is lost when somebody else has it or nobody can tell in time."""
        loop = asyncio.get_running_loop()
        ends = loop.call_at(until, lease.lost.set)  # whatever a question under way does meanwhile
        try:
            while not lease.lost.is_set():
                await asyncio.sleep(self._seconds / 3)
                try:
                    renewed = await self._take(key, token)
                except Troubles:
                    log.warning("a lease could not be renewed; trying again while it lasts")
                    continue
                if not renewed:
                    return
                ends.cancel()
                ends = loop.call_at(renewed, lease.lost.set)
        finally:
            ends.cancel()
            lease.lost.set()

    async def _take(self, key: str, token: str) -> float:
        """Return until when it is ours; 0: it is somebody else's."""
        asked = asyncio.get_running_loop().time()
        taken = await self._connection.evaluate(_TAKE, key, token, int(self._seconds * 1_000))
        return asked + 0.9 * self._seconds if taken else 0.0
