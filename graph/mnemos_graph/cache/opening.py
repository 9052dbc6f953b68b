"""Opening the cache over a store."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mnemos_graph.cache.following import Following
from mnemos_graph.cache.store import CachedStore, DecidingStore
from mnemos_graph.feed import Feed
from mnemos_graph.model import OrganizationId, Position
from mnemos_graph.store import GraphStore

MOST_BYTES = 128 * 1024 * 1024


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


@asynccontextmanager
async def open_cache(
    store: GraphStore, feed: Feed, most_bytes: int = MOST_BYTES
) -> AsyncGenerator[Cache, None]:
    """Open a cache over ``store``, fed by the ``feed`` over the same, within the running loop."""
    following = Following(feed, most_bytes)
    try:
        yield Cache(CachedStore(store, following), DecidingStore(store, following), following)
    finally:
        await following.tasks.close()
