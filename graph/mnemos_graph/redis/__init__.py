"""Redis between processes: hints, leases, ready jobs and tokens. It may be emptied at any moment."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mnemos_graph.redis.address import Address, parse
from mnemos_graph.redis.buckets import RedisBuckets
from mnemos_graph.redis.bus import BusHealth, RedisBus
from mnemos_graph.redis.connection import Connection, connect
from mnemos_graph.redis.leases import RedisLeases
from mnemos_graph.redis.opening import look
from mnemos_graph.redis.ready import RedisReady
from mnemos_graph.redis.troubles import Troubles, trouble

__all__ = [
    "Address",
    "BusHealth",
    "RedisBuckets",
    "RedisBus",
    "RedisLeases",
    "RedisParts",
    "RedisReady",
    "open_redis",
]


@dataclass(frozen=True, slots=True)
class RedisParts:
    bus: RedisBus
    leases: RedisLeases
    ready: RedisReady
    buckets: RedisBuckets
    persistent: bool | None
    """Whether it keeps on disk what it has; None: it does not tell. Only jobs that wait for another
    try hang on it: those that are lost are swept up late."""
    connection: Connection

    async def ping(self) -> None:
        """Return when Redis answers.

        Raises:
            Unavailable: it does not.
        """
        try:
            await self.connection.client.ping()
        except Troubles as error:
            raise trouble(self.connection.address, error) from None


@asynccontextmanager
async def open_redis(url: str) -> AsyncGenerator[RedisParts, None]:
    """Open what a Redis is used for, and close it.

    Raises:
        BadInput: the URL cannot be read, or names a Redis that cannot be used like this.
        Unavailable: no Redis answers there.
    """
    async with connect(parse(url)) as connection:
        found = await look(connection)
        async with RedisBus(connection) as bus, RedisReady(connection) as ready:
            yield RedisParts(
                bus=bus,
                leases=RedisLeases(connection),
                ready=ready,
                buckets=RedisBuckets(connection),
                persistent=found.persistent,
                connection=connection,
            )
