"""Opening the cache over a store."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mnemos_graph.cache.following import Following
from mnemos_graph.cache.store import CachedStore, DecidingStore
from mnemos_graph.feed import Feed
from mnemos_graph.model import OrganizationId, Position
from mnemos_graph.store import GraphStore

MOST_BYTES = 96 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cache:
    store: CachedStore
    """For whoever reads."""
    deciding: DecidingStore
    """For whoever decides what to write."""
    following: Following

    @property
    def nbytes(self) -> int:
        """What is kept, in bytes, about."""
        return self.following.bounded.nbytes

    async def wait_for(self, organization: OrganizationId, position: Position) -> None:
        """Wait until this process has read the log up to a position that a caller was told.

        Raises:
            Unavailable: it has not after two seconds, or the store cannot be read.
        """
        await self.following.wait_for(organization, position)

    async def settle(self) -> None:
        """Wait until whatever was read until now is kept, or known not to be worth it.

        Raises:
            MnemosError: the store cannot be read.
        """
        await self.following.settle()


@dataclass(frozen=True, slots=True)
class Stores:
    """A store as it is read from, and as it is decided over."""

    reading: GraphStore
    deciding: GraphStore
    wait_for: Callable[[OrganizationId, Position], Awaitable[None]]
    """As ``Cache.wait_for``; where nothing is kept, everything that was told is there at once."""


@asynccontextmanager
async def open_stores(
    store: GraphStore, feed: Feed, most_bytes: int
) -> AsyncGenerator[Stores, None]:
    """Open a cache of so many bytes over ``store``, or none where it may take none."""
    if most_bytes <= 0:
        yield Stores(store, store, _at_once)
        return
    async with open_cache(store, feed, most_bytes) as cache:
        yield Stores(cache.store, cache.deciding, cache.wait_for)


async def _at_once(organization: OrganizationId, position: Position) -> None:
    pass


@asynccontextmanager
async def open_cache(
    store: GraphStore, feed: Feed, most_bytes: int = MOST_BYTES
) -> AsyncGenerator[Cache, None]:
    """Open a cache over ``store``, fed by the ``feed`` over the same, within the running loop."""
    following = Following(feed, most_bytes)
    try:
        yield Cache(CachedStore(store, following), DecidingStore(store, following), following)
    finally:
        await following.close()
