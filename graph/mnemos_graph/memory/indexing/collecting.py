"""An organization's vectors in a vector store, for searches wider than an exact scan should be.

A collection is made when the organization outgrows the exact scan. It is filled from the vectors
that are kept beside the records, then follows the log from the position that it notes itself; no
model is needed. An erasure begins it anew, so that nothing of the erased stays in its files.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.errors import MnemosError, TryLater, Unavailable
from mnemos_graph.feed import Feed
from mnemos_graph.memory.indexing.embedding import live_memories, ref_of, whole
from mnemos_graph.memory.indexing.indexing import RETRY_SECONDS, Indexer
from mnemos_graph.model import (
    Access,
    Change,
    ChangeKind,
    Head,
    Memory,
    OrganizationId,
    Position,
    RecordId,
    RecordKind,
)
from mnemos_graph.store import DerivedRef, Find, GraphStore, Mark, VersionRef
from mnemos_graph.vectors import OpenVectors, Point, Stand, VectorStore

OUTGROWN = 100_000
"""Memories up to which an organization is scanned exactly."""
BATCH = 100
_COUNTED_AGAIN = 100
"""The organization is counted again when it may have grown by the limit divided by this."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wide:
    """What a wide search found."""

    found: tuple[tuple[Memory, float], ...]
    """Current memories that the access may read, with their cosine, the nearest first."""
    position: Position
    """Every change up to here could be found."""


@dataclass(eq=False, slots=True)
class _Collected:
    task: asyncio.Task[None]
    position: Position | None = None
    """Where its collection stands, once that is filled."""
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    restarting: asyncio.Lock = field(default_factory=asyncio.Lock)

    def move(self, position: Position | None) -> None:
        self.position = position
        moved, self.moved = self.moved, asyncio.Event()
        moved.set()


class _Erased(Exception):
    """Something was erased: the collection must be made anew."""


class Collecting:
    """Open it inside the event loop that uses it, with ``async with``, within the indexer's."""

    def __init__(
        self,
        store: GraphStore,
        feed: Feed,
        indexer: Indexer,
        open_vectors: OpenVectors,
        *,
        outgrown: int = OUTGROWN,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self._store = store
        self._feed = feed
        self._indexer = indexer
        self._open_vectors = open_vectors
        self._outgrown = outgrown
        self._retry_seconds = retry_seconds
        self._collected: dict[OrganizationId, _Collected] = {}
        self._opening = asyncio.Lock()
        self._opened: VectorStore | None = None

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        return self

    async def __aexit__(self, *_: object) -> None:
        for collected in self._collected.values():
            collected.task.cancel()
        await asyncio.gather(
            *(collected.task for collected in self._collected.values()), return_exceptions=True
        )
        await self._stack.aclose()

    def follow(self, organization: OrganizationId) -> None:
        """Keep the organization's collection, as soon as it needs one. Can be repeated."""
        if organization not in self._collected:
            self._collected[organization] = _Collected(self._start(organization))

    async def nearest(self, access: Access, vector: NDArray[np.float32], first: int) -> Wide | None:
        """Return up to ``first`` of the nearest memories; None while no full collection answers.

        The nearest of the whole organization are taken, then those that are not current or that
        the access may not read are left out: ask for more than are needed.

        Raises:
            Unavailable: the store cannot be read.
        """
        self.follow(access.organization)
        position = self._collected[access.organization].position
        if position is None or self._opened is None:
            return None
        everybody = whole(access.organization)
        try:
            near = await self._opened.nearest(everybody, self._generation, vector, first)
        except Unavailable as away:
            log.warning("a wide search does without the collection: %s", away)
            return None
        live = await self._store.get(everybody, Memory, {each.ref.id for each in near})
        current = {ref_of(memory): memory for memory in live.values()}
        stale = [each.ref for each in near if each.ref not in current]
        with suppress(Unavailable):  # they are left out again next time
            await self._opened.remove(everybody, self._generation, stale)
        found = ((current[each.ref], each.cosine) for each in near if each.ref in current)
        return Wide(tuple(hit for hit in found if access.may_read(hit[0].partition)), position)

    async def passed(self, organization: OrganizationId, position: Position) -> None:
        """Wait until the organization has a full collection that stands at ``position``."""
        self.follow(organization)
        collected = self._collected[organization]
        while collected.position is None or collected.position < position:
            await collected.moved.wait()

    async def scrub(self, organization: OrganizationId) -> None:
        """Delete what the vector store has of the organization, and begin anew where it must.

        Raises:
            Unavailable: the vectors or the store cannot be reached.
        """
        access, mark = whole(organization), _mark()
        if not await self._store.derived(access, [mark]):
            return
        self.follow(organization)
        collected = self._collected[organization]
        async with collected.restarting:
            collected.task.cancel()
            await asyncio.gather(collected.task, return_exceptions=True)
            collected.move(None)
            try:
                await self._discard(access, await self._vectors())
            finally:
                collected.task = self._start(organization)

    async def refill(self, organization: OrganizationId) -> None:
        """Make the organization's collection anew from the vectors that are kept, if it needs one.

        Raises:
            Unavailable: the vectors or the store cannot be reached.
        """
        await self.scrub(organization)
        access = whole(organization)
        if await self._is_outgrown(access):
            (head,) = await self._store.heads([access])
            await self.passed(organization, head.position)

    def _start(self, organization: OrganizationId) -> asyncio.Task[None]:
        following = self._keep_following(organization)
        return asyncio.create_task(following, name=f"collect {organization}")

    @property
    def _generation(self) -> str:
        return self._indexer.generation

    async def _vectors(self) -> VectorStore:
        async with self._opening:
            if self._opened is None:
                self._opened = await self._stack.enter_async_context(self._open_vectors())
            return self._opened

    async def _keep_following(self, organization: OrganizationId) -> None:
        failures, access = 0, whole(organization)
        while True:
            try:
                if await self._when_needed(access):
                    await self._follow(access, await self._vectors())
            except _Erased:
                failures = 0
            except MnemosError as error:
                self._collected[organization].move(None)
                level = logging.WARNING if isinstance(error, TryLater) else logging.ERROR
                log.log(level, "wide searches do without vectors, trying again: %s", error)
                await asyncio.sleep(
                    self._retry_seconds[min(failures, len(self._retry_seconds) - 1)]
                )
                failures += 1
            else:
                return

    async def _when_needed(self, access: Access) -> bool:
        """Return as soon as there is or should be a collection; or not, as the feed was closed."""
        (head,) = await self._store.heads([access])  # before counting, or growth is missed
        if await self._store.derived(access, [_mark()]) or await self._is_outgrown(access):
            return True
        grown = 0
        async with aclosing(self._feed.follow(access, head.position)) as pages:
            async for page in pages:
                grown += len(page.changes)
                if grown * _COUNTED_AGAIN >= self._outgrown:
                    grown = 0
                    if await self._is_outgrown(access):
                        return True
        return False

    async def _is_outgrown(self, access: Access) -> bool:
        (page,) = await self._store.find(access, [Find(Memory, first=1, count_to=self._outgrown)])
        return page.total is None

    async def _follow(self, access: Access, vectors: VectorStore) -> None:
        """Fill the collection if need be, then follow until the feed is closed.

        Raises:
            _Erased: something was erased; the collection is gone.
        """
        collected = self._collected[access.organization]
        stand = await self._begun(access, vectors)
        if not stand.filled:
            stand = await self._fill(access, vectors, stand)
        collected.move(stand.position)
        async with aclosing(self._feed.follow(access, stand.position)) as pages:
            async for page in pages:
                if any(map(_erases, page.changes)):
                    collected.move(None)
                    await self._discard(access, vectors)
                    raise _Erased
                if page.changes:
                    await self._indexer.passed(access.organization, page.position)
                    await self._bring(access, vectors, page.changes)
                    stand = Stand(stand.epoch, page.position, filled=True)
                    await vectors.move(access, self._generation, stand)
                collected.move(page.position)

    async def _discard(self, access: Access, vectors: VectorStore) -> None:
        await vectors.drop(access)
        await self._store.derive(access, {}, drop=[_mark()])

    async def _begun(self, access: Access, vectors: VectorStore) -> Stand:
        (head,) = await self._store.heads([access])
        stand = await vectors.stand(access, self._generation)
        if stand is None or not _follows(stand, head):
            await self._store.derive(access, {_mark(): b"1"})
            stand = Stand(head.epoch, head.position)
            await vectors.begin(access, self._generation, stand)
        return stand

    async def _fill(self, access: Access, vectors: VectorStore, stand: Stand) -> Stand:
        """Put what is live, from where an earlier filling ended."""
        await self._indexer.passed(access.organization, stand.position)
        after = Mark(stand.through, stand.through) if stand.through else None
        async with aclosing(live_memories(self._store, access, after)) as pages:
            async for memories in pages:
                async for batch in self._points(access, [ref_of(memory) for memory in memories]):
                    await vectors.put(access, self._generation, batch)
                through = Stand(stand.epoch, stand.position, through=memories[-1].id)
                await vectors.move(access, self._generation, through)
        filled = Stand(stand.epoch, stand.position, filled=True)
        await vectors.move(access, self._generation, filled)
        return filled

    async def _bring(self, access: Access, vectors: VectorStore, changes: Sequence[Change]) -> None:
        """Put what is current of the changed memories, and take out what each change replaced."""
        changed = [each for each in changes if each.subject_type is RecordKind.MEMORY]
        replaced = [
            VersionRef(change.subject_id, change.version - 1)
            for change in changed
            if change.version > 1
        ]
        await vectors.remove(access, self._generation, replaced)
        live = await self._store.get(access, Memory, {change.subject_id for change in changed})
        async for batch in self._points(access, [ref_of(memory) for memory in live.values()]):
            await vectors.put(access, self._generation, batch)

    async def _points(
        self, access: Access, refs: Sequence[VersionRef]
    ) -> AsyncGenerator[Sequence[Point], None]:
        for at in range(0, len(refs), BATCH):
            batch = [DerivedRef(*ref, self._generation) for ref in refs[at : at + BATCH]]
            kept = await self._store.derived(access, batch)
            if kept:
                yield [
                    Point(VersionRef(ref.id, ref.version), self._indexer.rows(data))
                    for ref, data in kept.items()
                ]


def _mark() -> DerivedRef:
    """Return where it is kept that a vector store holds something of the organization."""
    return DerivedRef(RecordId("mark:collected"), 0, "")


def _erases(change: Change) -> bool:
    return change.kind is ChangeKind.ERASED and change.subject_type is RecordKind.MEMORY


def _follows(stand: Stand, head: Head) -> bool:
    """Whether the log still leads on from there: a restore may have gone back behind it."""
    here = stand.epoch == head.epoch or stand.position <= head.began
    return here and stand.position <= head.position
