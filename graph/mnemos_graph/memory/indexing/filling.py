"""What fills an organization's collection, and then brings it along with the log.

One process at a time should do this for an organization. Whatever it does can be done again, so one
that is cut off anywhere, or goes on for a moment beside the next one, does no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from mnemos_graph.feed import Feed
from mnemos_graph.memory.indexing.embedding import live_memories, ref_of
from mnemos_graph.memory.indexing.holding import until_one_ends
from mnemos_graph.memory.indexing.indexing import Indexer
from mnemos_graph.model import (
    Access,
    Change,
    ChangeKind,
    Head,
    Memory,
    Position,
    RecordId,
    RecordKind,
)
from mnemos_graph.store import DerivedRef, GraphStore, Mark, VersionRef
from mnemos_graph.vectors import Point, Stand, VectorStore

BATCH = 100
WATCH_SECONDS = 5.0
"""How often it is looked whether the collection is still there."""
MARK = DerivedRef(RecordId("mark:collected"), 0, "")
"""Where it is kept that a vector store holds something of the organization."""


class BeginsAnew(Exception):
    """The collection is gone, or had to go as something was erased."""


class NotWanted(Exception):
    """Vectors of another generation are searched by now."""


class Filling:
    def __init__(
        self,
        store: GraphStore,
        feed: Feed,
        indexer: Indexer,
        vectors: VectorStore,
        *,
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        self._store = store
        self._feed = feed
        self._indexer = indexer
        self._vectors = vectors
        self._watch_seconds = watch_seconds

    async def follow(self, access: Access, moved: Callable[[Position | None], None]) -> None:
        """Fill the collection if need be, then follow until the feed is closed.

        Args:
            access: of the whole organization.
            moved: told where the full collection stands; None: it does not any more.

        Raises:
            BeginsAnew: this is to be called again.
            NotWanted: this is to be called again when the generation is wanted again.
            Unavailable: the vectors, the store or the model cannot be reached.
        """
        stand = await self._begun(access)
        if not stand.filled:
            stand = await self._fill(access, stand)
        moved(stand.position)
        await until_one_ends(self._bring_along(access, stand, moved), self._watch(access))

    async def _check_wanted(self, access: Access) -> None:
        if not await self._indexer.wanted(access.organization):
            raise NotWanted

    async def _begun(self, access: Access) -> Stand:
        await self._check_wanted(access)
        stand = await self._vectors.stand(access, self._indexer.generation)
        (head,) = await self._store.heads([access])  # after the stand, which others may move
        if stand is None or not leads_on(stand, head):
            await self._store.derive(access, {MARK: b"1"})
            stand = Stand(head.epoch, head.position)
            await self._vectors.begin(access, self._indexer.generation, stand)
        return stand

    async def _fill(self, access: Access, stand: Stand) -> Stand:
        """Put what is live, from where an earlier filling ended."""
        await self._indexer.passed(access.organization, stand.position)
        after = Mark(stand.through, stand.through) if stand.through else None
        async with aclosing(live_memories(self._store, access, after)) as pages:
            async for memories in pages:
                await self._put(access, memories)
                through = Stand(stand.epoch, stand.position, through=memories[-1].id)
                await self._vectors.move(access, self._indexer.generation, through)
        filled = Stand(stand.epoch, stand.position, filled=True)
        await self._vectors.move(access, self._indexer.generation, filled)
        return filled

    async def _bring_along(
        self, access: Access, stand: Stand, moved: Callable[[Position | None], None]
    ) -> None:
        async with aclosing(self._feed.follow(access, stand.position)) as pages:
            async for page in pages:
                if any(map(_erases, page.changes)):
                    moved(None)
                    await self._vectors.drop(access)
                    raise BeginsAnew
                if page.changes:
                    await self._indexer.passed(access.organization, page.position)
                    await self._bring(access, page.changes)
                    reached = Stand(stand.epoch, page.position, filled=True)
                    await self._vectors.move(access, self._indexer.generation, reached)
                moved(page.position)

    async def _watch(self, access: Access) -> None:
        """See that the collection does not disappear: a server may lose it, others may drop it."""
        while True:
            await asyncio.sleep(self._watch_seconds)
            await self._check_wanted(access)
            stand = await self._vectors.stand(access, self._indexer.generation)
            if stand is None or not stand.filled:
                raise BeginsAnew

    async def _bring(self, access: Access, changes: Sequence[Change]) -> None:
        """Put what is current of the changed memories, and take out what each change replaced."""
        changed = [each for each in changes if each.subject_type is RecordKind.MEMORY]
        replaced = [
            VersionRef(change.subject_id, change.version - 1)
            for change in changed
            if change.version > 1
        ]
        await self._vectors.remove(access, self._indexer.generation, replaced)
        live = await self._store.get(access, Memory, {change.subject_id for change in changed})
        await self._put(access, list(live.values()))

    async def _put(self, access: Access, memories: Sequence[Memory]) -> None:
        async for points in self._points(access, [ref_of(memory) for memory in memories]):
            await self._vectors.put(access, self._indexer.generation, points)

    async def _points(
        self, access: Access, refs: Sequence[VersionRef]
    ) -> AsyncGenerator[Sequence[Point], None]:
        for at in range(0, len(refs), BATCH):
            batch = [DerivedRef(*ref, self._indexer.generation) for ref in refs[at : at + BATCH]]
            kept = await self._store.derived(access, batch)
            if kept:
                yield [
                    Point(VersionRef(ref.id, ref.version), self._indexer.rows(data))
                    for ref, data in kept.items()
                ]


def leads_on(stand: Stand, head: Head) -> bool:
    """Whether the log still leads on from there: a restore may have gone back behind it."""
    here = stand.epoch == head.epoch or stand.position <= head.began
    return here and stand.position <= head.position


def _erases(change: Change) -> bool:
    return change.kind is ChangeKind.ERASED and change.subject_type is RecordKind.MEMORY
