"""Every live version of a memory gets its vectors: where it is written, or by the one who follows.

Writing through the ``IndexingJournal`` embeds while the change set is committed and keeps the
vectors before the commit is answered, so the next recall finds the memory by them. What that left
out (a crash between the two, a model that was away, writers elsewhere) is found by following each
organization's log from a mark. A write never fails for want of a vector.

Of several processes one at a time follows, the one that holds the lease, and it gives the others
time to embed what they write themselves.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, islice, repeat
from typing import Self, TypeAlias

from mnemos_graph.ending import end
from mnemos_graph.errors import MnemosError, TryLater
from mnemos_graph.feed import Bus, Feed, FeedPage, Journal
from mnemos_graph.language.embedder import Embedder, Embedding
from mnemos_graph.leases import Leases, LocalLeases
from mnemos_graph.memory.indexing.charge import Charge, Everything
from mnemos_graph.memory.indexing.embedding import (
    Embeddings,
    live_memories,
    portions,
    ref_of,
    whole,
)
from mnemos_graph.memory.indexing.holding import until_one_ends
from mnemos_graph.memory.indexing.kept import Kept, memories_changed
from mnemos_graph.memory.indexing.succession import Made
from mnemos_graph.memory.indexing.tokens import embedded_mark, settle_tokens
from mnemos_graph.model import (
    START,
    Access,
    Change,
    Memory,
    OrganizationId,
    Position,
    RecordId,
)
from mnemos_graph.store import ChangeSet, Committed, DerivedRef, GraphStore, Put, VersionRef

RETRY_SECONDS = (0.5, 2.0, 10.0, 30.0)
"""How long to wait after each failure in a row; after the last one, as long again."""
GRACE = timedelta(seconds=10)
"""How long other processes have to embed what they have committed."""
_GRACE_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8)
_FEW = 16
"""Memories in a commit whose writer does not wait behind many that are caught up or imported."""
_OWN = 10_000
"""Versions whose vectors this process kept, and which it therefore need not look for."""
_KEEP_MARK = 1_000
"""Changes after which the mark is kept although nothing was embedded."""
_BUILT_WAITS = (0.25, 0.5, 1.0, 2.0)
"""Before each look whether a job elsewhere has given all older memories their vectors."""
_UNWANTED_SECONDS = 10.0
"""How often it is looked whether a generation that is not wanted has come to be."""

Commit: TypeAlias = Callable[[], Awaitable[Committed]]

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Making:
    """Vectors in the making, of versions that are being committed."""

    refs: frozenset[VersionRef]
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False, slots=True)
class _Followed:
    """How far an organization's log was looked at."""

    task: asyncio.Task[None]
    position: Position = START
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def move(self, position: Position) -> None:
        self.position = max(self.position, position)
        moved, self.moved = self.moved, asyncio.Event()
        moved.set()


class _Unwanted(Exception):
    """What is made here is not wanted any more in an organization."""


class Indexer:
    """Open it inside the event loop that uses it, with ``async with``, within the feed's.

    Args:
        tokens: whether the vectors of tokens are kept as well, where the embedder has them.
        charge: in which organizations there is anything to do; by default in all.
        others: there are other processes that write to the same store.
    """

    def __init__(
        self,
        store: GraphStore,
        feed: Feed,
        embedder: Embedder,
        *,
        tokens: bool = True,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
        leases: Leases | None = None,
        charge: Charge | None = None,
        others: bool = False,
        grace: timedelta = GRACE,
    ) -> None:
        self._store = store
        self._feed = feed
        self._charge = charge or Everything()
        self._embeddings = Embeddings(store, embedder, tokens=tokens)
        self._retry_seconds = retry_seconds
        self._leases = leases or LocalLeases()
        self._grace = grace if others else timedelta()
        self._kept = Kept(store, self._embeddings, self._mark) if others else None
        self._making: defaultdict[OrganizationId, set[_Making]] = defaultdict(set)
        self._followed: dict[OrganizationId, _Followed] = {}
        self._built: defaultdict[OrganizationId, asyncio.Event] = defaultdict(asyncio.Event)
        self._own: dict[tuple[OrganizationId, VersionRef], None] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(*(followed.task for followed in self._followed.values()))

    @property
    def generation(self) -> str:
        """The embedder's, under which ``GraphStore.derived`` has the vectors."""
        return self._embeddings.generation

    @property
    def made(self) -> Made:
        """All that a memory is given here."""
        return Made(*self._embeddings.generations)

    async def settle(self, access: Access) -> None:
        """See that it is decided what the organization's memories are to have.

        Raises:
            MnemosError: it cannot be decided now.
        """
        await self._charge.settle(access)

    async def wanted(self, organization: OrganizationId) -> bool:
        """Return whether new memories of the organization are given vectors here."""
        return await self._charge.wants(organization, self.made)

    def rows(self, data: bytes) -> Embedding:
        """Return what ``GraphStore.derived`` has of a version as rows, one for each window."""
        return self._embeddings.rows(data)

    def follow(self, organization: OrganizationId) -> None:
        """Embed what has no vectors in this organization, now and from now on. Can be repeated."""
        if organization not in self._followed:
            task = asyncio.create_task(
                self._keep_following(organization), name=f"embed {organization}"
            )
            self._followed[organization] = _Followed(task)

    async def passed(self, organization: OrganizationId, position: Position) -> None:
        """Wait until what was committed up to ``position`` has its vectors."""
        self.follow(organization)
        followed = self._followed[organization]
        if self._kept is not None and followed.position < position:
            await self._kept.passed(whole(organization), position)
            return
        while followed.position < position:
            await followed.moved.wait()

    async def index(self, access: Access, memories: Sequence[Memory]) -> None:
        """Give these committed versions the vectors that they do not have.

        Raises:
            Unavailable: the model or the store is away; what was embedded before is kept.
        """
        for portion in portions(memories):
            lacking = await self._embeddings.lacking(access, portion)
            if lacking:
                await self._store.derive(access, await self._embeddings.make(access, lacking))

    async def fill_up_to(self, access: Access, position: Position) -> None:
        """Note that all that was there at ``position`` has its vectors, and follow from there."""
        await self._keep_mark(access, position)
        self._built[access.organization].set()

    async def commit(self, access: Access, memories: Sequence[Memory], commit: Commit) -> Committed:
        """Commit and embed side by side; what cannot be embedded now is left to the follower.

        Raises:
            MnemosError: what ``commit`` raises; never for want of a vector.
        """
        self.follow(access.organization)
        making = _Making(frozenset(map(ref_of, memories)))
        self._making[access.organization].add(making)
        embedding = asyncio.create_task(
            self._embeddings.make(
                whole(access.organization), memories, urgent=len(memories) <= _FEW
            ),
            name="embed",
        )
        try:
            committed = await commit()
            try:
                made = await embedding
                await self._store.derive(whole(access.organization), made)
                self._note_own(access.organization, made)
            except TryLater as away:
                log.warning("memories are found without their vectors for now: %s", away)
            return committed
        finally:
            self._making[access.organization].discard(making)
            making.done.set()
            embedding.cancel()
            with suppress(asyncio.CancelledError, MnemosError):
                await embedding

    async def _keep_following(self, organization: OrganizationId) -> None:
        failures = 0
        while True:
            before = self._followed[organization].position
            try:
                await self._until_wanted(organization)
                async with self._leases.hold(f"embed:{organization}:{self.generation}") as lease:
                    await until_one_ends(self._follow(organization), lease.lost.wait())
            except _Unwanted:
                continue
            except MnemosError as error:
                failures = 0 if self._followed[organization].position > before else failures
                wait = self._retry_seconds[min(failures, len(self._retry_seconds) - 1)]
                level = logging.WARNING if isinstance(error, TryLater) else logging.ERROR
                log.log(level, "memories wait for their vectors, trying again: %s", error)
                failures += 1
                await asyncio.sleep(wait)
            else:
                if not lease.lost.is_set():
                    return

    async def _follow(self, organization: OrganizationId) -> None:
        """Catch up from the mark, then follow until the feed is closed."""
        access, followed = whole(organization), self._followed[organization]
        await settle_tokens(self._store, access, self._embeddings)
        kept = await self._mark(access)
        if kept is None:
            kept = await self._filled(access)
        followed.move(kept)
        async with aclosing(self._feed.follow(access, followed.position)) as pages:
            async for page in pages:
                await self._check_wanted(organization)
                embedded = await self._look_at(access, page)
                if embedded or page.position - kept >= _KEEP_MARK:
                    await self._keep_mark(access, page.position)
                    kept = page.position
                followed.move(page.position)

    async def _until_wanted(self, organization: OrganizationId) -> None:
        await self.settle(whole(organization))
        while True:
            if await self.wanted(organization):
                return
            await asyncio.sleep(_UNWANTED_SECONDS)

    async def _check_wanted(self, organization: OrganizationId) -> None:
        if not await self.wanted(organization):
            raise _Unwanted

    async def _filled(self, access: Access) -> Position:
        """Return the position up to which everything has its vectors, once that is so."""
        built, waits = self._built[access.organization], chain(_BUILT_WAITS, repeat(5.0))
        while await self._charge.builds(access.organization, self.made):
            with suppress(TimeoutError):
                async with asyncio.timeout(next(waits)):
                    await built.wait()
            kept = await self._mark(access)
            if kept is not None:
                return kept
            built.clear()
        await self._check_wanted(access.organization)
        return await self._embed_all(access)

    async def _embed_all(self, access: Access) -> Position:
        """Embed every live memory; return the position that the vectors then stand at."""
        (head,) = await self._store.heads([access])
        async for memories in live_memories(self._store, access):
            await self._settle(access.organization, frozenset(map(ref_of, memories)))
            await self._embed(access, await self._embeddings.lacking(access, memories))
        await self._keep_mark(access, head.position)
        return head.position

    async def _look_at(self, access: Access, page: FeedPage) -> bool:
        """Embed what the changes left without vectors; return whether there was any."""
        changed = await self._of_others(access.organization, page.changes)
        if not changed:
            return False
        lacking = await self._lacking(access, changed)
        for wait in self._waits(page.changes[-1].at):
            if not lacking:
                break
            await asyncio.sleep(wait)
            lacking = await self._lacking(access, [memory.id for memory in lacking])
        await self._embed(access, lacking)
        return bool(lacking)

    def _note_own(self, organization: OrganizationId, made: Iterable[DerivedRef]) -> None:
        self._own |= {(organization, VersionRef(ref.id, ref.version)): None for ref in made}
        for oldest in list(islice(self._own, max(0, len(self._own) - _OWN))):
            del self._own[oldest]

    async def _of_others(
        self, organization: OrganizationId, changes: Sequence[Change]
    ) -> list[RecordId]:
        """Return the memories that changed, without those whose vectors this process kept."""
        refs = {VersionRef(each.subject_id, each.version): each for each in changes}
        await self._settle(organization, frozenset(refs))
        return memories_changed(
            [each for ref, each in refs.items() if (organization, ref) not in self._own]
        )

    async def _lacking(self, access: Access, changed: Sequence[RecordId]) -> list[Memory]:
        live = list((await self._store.get(access, Memory, changed)).values())
        await self._settle(access.organization, frozenset(map(ref_of, live)))
        return await self._embeddings.lacking(access, live)

    def _waits(self, committed: datetime) -> Iterator[float]:
        """Yield how long to wait before each look, while other processes have time to embed."""
        waits, until = chain(_GRACE_WAITS, repeat(1.0)), committed + self._grace
        while self._grace and datetime.now(UTC) < until:
            yield next(waits)

    async def _embed(self, access: Access, lacking: Sequence[Memory]) -> None:
        for portion in portions(lacking):
            await self._store.derive(access, await self._embeddings.make(access, portion))

    async def _settle(self, organization: OrganizationId, refs: frozenset[VersionRef]) -> None:
        """Wait for the writers who have these versions in the making, so none is made twice."""
        for making in tuple(self._making[organization]):
            if making.refs & refs:
                await making.done.wait()

    async def _mark(self, access: Access) -> Position | None:
        ref = self._mark_ref()
        kept = (await self._store.derived(access, [ref])).get(ref)
        return None if kept is None else Position(int(kept))

    async def _keep_mark(self, access: Access, position: Position) -> None:
        await self._store.derive(access, {self._mark_ref(): str(position).encode()})

    def _mark_ref(self) -> DerivedRef:
        return embedded_mark(self._embeddings.generations)


class IndexingJournal(Journal):
    """A journal whose memories are found by vector as soon as their commit is answered.

    Args:
        indexers: each gives new memories its vectors, where they are wanted.
    """

    def __init__(self, store: GraphStore, bus: Bus, *indexers: Indexer) -> None:
        super().__init__(store, bus)
        self._indexers = indexers

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        """Commit as the store promises and publish the position, with vectors where they can be."""
        commit: Commit = partial(super().commit, access, change_set)
        memories = _memories_in(change_set)
        for indexer in self._indexers if memories else ():
            if await indexer.wanted(access.organization):
                commit = partial(indexer.commit, access, memories, commit)
        return await commit()


def _memories_in(change_set: ChangeSet) -> list[Memory]:
    return [
        operation.record
        for operation in change_set.operations
        if isinstance(operation, Put) and isinstance(operation.record, Memory)
    ]
