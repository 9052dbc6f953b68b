"""An organization's vectors in a vector store, for searches wider than an exact scan should be.

A collection is made when the organization outgrows the exact scan. It is filled from the vectors
that are kept beside the records, then follows the log from the position that it notes itself; no
model is needed. An erasure begins it anew, so that nothing of the erased stays in its files.

Of several processes one at a time fills it, the one that holds the lease. The others look where it
stands, and search it all the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.ending import end
from mnemos_graph.errors import MnemosError, TryLater, Unavailable
from mnemos_graph.feed import Feed
from mnemos_graph.leases import Leases, LocalLeases
from mnemos_graph.memory.indexing.embedding import ref_of, whole
from mnemos_graph.memory.indexing.filling import (
    MARK,
    WATCH_SECONDS,
    BeginsAnew,
    Filling,
    NotWanted,
)
from mnemos_graph.memory.indexing.holding import until_one_ends
from mnemos_graph.memory.indexing.indexing import Indexer
from mnemos_graph.memory.indexing.standing import Standing
from mnemos_graph.model import Access, Memory, OrganizationId, Position
from mnemos_graph.store import Find, GraphStore, VersionRef
from mnemos_graph.vectors import Near, OpenVectors, VectorStore

OUTGROWN = 100_000
"""Memories up to which an organization is scanned exactly."""
RETRY_SECONDS = (0.5, 2.0, 5.0)
"""How long to wait after each failure in a row; after the last one, as long again."""
_COUNTED_AGAIN = 100
"""The organization is counted again when it may have grown by the limit divided by this."""
_LOOKS_SECONDS = 0.2
"""How often it is looked how far another process has come, while somebody waits for it."""
_UNWANTED_SECONDS = 10.0
"""How often it is looked whether a generation that is not wanted has come to be."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wide:
    """What a wide search found."""

    found: tuple[tuple[Memory, float], ...] = ()
    """Current memories that the access may read, with their cosine, the nearest first."""
    position: Position | None = None
    """Every change up to here could be found; None: no full collection answers now."""


class _Opened(NamedTuple):
    vectors: VectorStore
    filling: Filling
    standing: Standing


@dataclass(eq=False, slots=True)
class _Collected:
    task: asyncio.Task[None]
    needed: bool = False
    """Whether the organization is too large to do without a collection."""
    decided: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when ``needed`` says what is so."""
    position: Position | None = None
    """Where its collection stands, once that is filled, while this process fills it."""
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    restarting: asyncio.Lock = field(default_factory=asyncio.Lock)
    failures: int = 0
    """In a row, since it stood last."""

    def decide(self, *, needed: bool) -> bool:
        self.needed = needed
        self.decided.set()
        return needed

    def move(self, position: Position | None) -> None:
        self.position = position
        if position is not None:
            self.failures = 0
        moved, self.moved = self.moved, asyncio.Event()
        moved.set()


class Collecting:
    """Open it inside the event loop that uses it, with ``async with``, within the indexer's.

    Args:
        store: always read as it is now.
        reading: what answers are looked up in; it may be a little behind. None: ``store``.
        others: there are other processes on the same store and the same vectors.
        sibling: another one, in this process, collects another generation.
    """

    def __init__(
        self,
        store: GraphStore,
        feed: Feed,
        indexer: Indexer,
        open_vectors: OpenVectors,
        *,
        outgrown: int = OUTGROWN,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
        watch_seconds: float = WATCH_SECONDS,
        reading: GraphStore | None = None,
        leases: Leases | None = None,
        others: bool = False,
        sibling: bool = False,
    ) -> None:
        self._store = store
        self._reading = reading or store
        self._feed = feed
        self._indexer = indexer
        self._open_vectors = open_vectors
        self._outgrown = outgrown
        self._retry_seconds = retry_seconds
        self._watch_seconds = watch_seconds
        self._leases = leases or LocalLeases()
        self._others = others
        self._alone = not (others or sibling)
        self._collected: dict[OrganizationId, _Collected] = {}
        self._opening = asyncio.Lock()
        self._opened: _Opened | None = None

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(*(collected.task for collected in self._collected.values()))
        await self._stack.aclose()

    def follow(self, organization: OrganizationId) -> None:
        """Keep the organization's collection, as soon as it needs one. Can be repeated."""
        if organization not in self._collected:
            self._collected[organization] = _Collected(self._start(organization))

    async def nearest(self, access: Access, vector: NDArray[np.float32], first: int) -> Wide | None:
        """Return up to ``first`` of the nearest memories; None: few enough are there to scan all.

        The nearest of the whole organization are taken, then those that are not current or that
        the access may not read are left out: ask for more than are needed.

        Raises:
            Unavailable: the store cannot be read.
        """
        self.follow(access.organization)
        collected, everybody = self._collected[access.organization], whole(access.organization)
        await collected.decided.wait()
        if not collected.needed:
            return None
        position = await self._position(collected, everybody)
        if position is None or self._opened is None:
            return Wide()
        try:
            near = await self._opened.vectors.nearest(everybody, self._generation, vector, first)
        except Unavailable as away:
            log.warning("a wide search does without the collection: %s", away)
            self._opened.standing.forget(access.organization)
            return Wide()
        current = await self._current(everybody, near, sweep=collected.position is not None)
        found = (
            (memory, cosine) for memory, cosine in current if access.may_read(memory.partition)
        )
        return Wide(tuple(found), position)

    async def passed(self, organization: OrganizationId, position: Position) -> None:
        """Wait until the organization has a full collection that stands at ``position``."""
        self.follow(organization)
        collected, access = self._collected[organization], whole(organization)
        while True:
            moved = collected.moved
            stands = await self._position(collected, access)
            if stands is not None and stands >= position:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOKS_SECONDS if self._others else None):
                    await moved.wait()

    async def scrub(self, organization: OrganizationId) -> None:
        """Delete what the vector store has of the organization, and begin anew where it must.

        Raises:
            Unavailable: the vectors or the store cannot be reached.
        """
        access = whole(organization)
        if not await self._store.derived(access, [MARK]):
            return
        self.follow(organization)
        collected = self._collected[organization]
        async with collected.restarting:
            await end(collected.task)
            collected.decided.clear()
            try:
                opened = await self._open()
                await opened.vectors.drop(access)
                opened.standing.forget(organization)
                if self._alone:  # nobody else may be making a collection just now
                    await self._store.derive(access, {}, drop=[MARK])
            finally:
                collected.task = self._start(organization)

    async def refill(self, organization: OrganizationId) -> None:
        """Make the organization's collection anew from the vectors that are kept, if it needs one.

        Raises:
            Unavailable: the vectors or the store cannot be reached.
        """
        await self.scrub(organization)
        await self.come_along(organization)

    async def come_along(self, organization: OrganizationId) -> None:
        """Wait until the organization's collection has all that is there now, if it needs one."""
        access = whole(organization)
        if await self._is_needed(access):
            (head,) = await self._store.heads([access])
            await self.passed(organization, head.position)

    async def keep_only(self, organization: OrganizationId, generations: Collection[str]) -> None:
        """Delete the organization's collections of all other generations.

        Raises:
            Unavailable: the vectors or the store cannot be reached.
        """
        access = whole(organization)
        if await self._store.derived(access, [MARK]):
            opened = await self._open()
            await opened.vectors.drop(access, keep=generations)

    def _start(self, organization: OrganizationId) -> asyncio.Task[None]:
        following = self._keep_following(organization)
        return asyncio.create_task(following, name=f"collect {organization}")

    @property
    def _generation(self) -> str:
        return self._indexer.generation

    async def _open(self) -> _Opened:
        async with self._opening:
            if self._opened is None:
                vectors = await self._stack.enter_async_context(self._open_vectors())
                self._opened = _Opened(
                    vectors,
                    Filling(
                        self._store,
                        self._feed,
                        self._indexer,
                        vectors,
                        watch_seconds=self._watch_seconds,
                    ),
                    Standing(self._store, vectors, self._generation),
                )
            return self._opened

    async def _position(self, collected: _Collected, access: Access) -> Position | None:
        """Return where the full collection stands, whoever fills it."""
        if collected.position is not None or not self._others or self._opened is None:
            return collected.position
        return await self._opened.standing.position(access)

    async def _current(
        self, access: Access, near: Sequence[Near], *, sweep: bool
    ) -> list[tuple[Memory, float]]:
        """Return those that are current; who fills the collection also takes out the others."""
        live = await self._reading.get(access, Memory, {each.ref.id for each in near})
        current = {ref_of(memory): memory for memory in live.values()}
        stale = {each.ref for each in near} - current.keys()
        if sweep and stale:
            await self._sweep(access, stale)
        return [(current[each.ref], each.cosine) for each in near if each.ref in current]

    async def _sweep(self, access: Access, seen: Collection[VersionRef]) -> None:
        """Take out what is not current as the store is now: what was read may be a little old."""
        with suppress(Unavailable):  # they are left out again next time
            live = await self._store.get(access, Memory, {ref.id for ref in seen})
            stale = set(seen) - {ref_of(memory) for memory in live.values()}
            if self._opened is not None:
                await self._opened.vectors.remove(access, self._generation, stale)

    async def _keep_following(self, organization: OrganizationId) -> None:
        collected = self._collected[organization]
        try:
            while not await self._followed(whole(organization), collected):
                collected.move(None)
        finally:
            collected.decided.set()
            collected.move(None)

    async def _followed(self, access: Access, collected: _Collected) -> bool:
        """Follow until something happens; return whether it was the end of the feed."""
        try:
            await self._until_wanted(access, collected)
            return await self._follow(access, collected)
        except NotWanted:
            return False
        except MnemosError as error:
            level = logging.WARNING if isinstance(error, TryLater) else logging.ERROR
            log.log(level, "wide searches do without vectors, trying again: %s", error)
        collected.decided.set()
        collected.move(None)
        wait = self._retry_seconds[min(collected.failures, len(self._retry_seconds) - 1)]
        collected.failures += 1
        await asyncio.sleep(wait)
        return False

    async def _follow(self, access: Access, collected: _Collected) -> bool:
        """Follow for as long as this process may; return whether the feed was closed."""
        if not await self._when_needed(access, collected):
            return True
        opened = await self._open()
        async with self._leases.hold(f"collect:{access.organization}:{self._generation}") as lease:
            filling = opened.filling.follow(access, collected.move)
            try:
                await until_one_ends(filling, lease.lost.wait())
            except BeginsAnew:
                if self._alone:  # it is made again if it is still needed
                    await self._store.derive(access, {}, drop=[MARK])
                return False
            return not lease.lost.is_set()

    async def _until_wanted(self, access: Access, collected: _Collected) -> None:
        await self._indexer.settle(access)
        while not await self._indexer.wanted(access.organization):
            collected.move(None)
            collected.decide(needed=await self._is_needed(access))
            await asyncio.sleep(_UNWANTED_SECONDS)

    async def _when_needed(self, access: Access, collected: _Collected) -> bool:
        """Return as soon as there is or should be a collection; or not, as the feed was closed."""
        (head,) = await self._store.heads([access])  # before counting, or growth is missed
        if collected.decide(needed=await self._is_needed(access)):
            return True
        grown = 0
        async with aclosing(self._feed.follow(access, head.position)) as pages:
            async for page in pages:
                grown += len(page.changes)
                if grown * _COUNTED_AGAIN >= self._outgrown:
                    grown = 0
                    if collected.decide(needed=await self._is_needed(access)):
                        return True
        return False

    async def _is_needed(self, access: Access) -> bool:
        if await self._store.derived(access, [MARK]):
            return True
        (page,) = await self._store.find(access, [Find(Memory, first=1, count_to=self._outgrown)])
        return page.total is None
