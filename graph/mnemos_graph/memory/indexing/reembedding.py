"""The job that gives an organization's memories the vectors of another embedder.

The newest memories come first, for they are asked for most. What served before serves until all is
there, the organization's collection included; then its bytes and its collection are taken away.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from itertools import islice

from msgspec.structs import replace

from mnemos_graph.errors import Unavailable
from mnemos_graph.leases import Lease, Leases, LocalLeases
from mnemos_graph.memory.indexing.collecting import Collecting
from mnemos_graph.memory.indexing.embedding import whole
from mnemos_graph.memory.indexing.holding import until_one_ends
from mnemos_graph.memory.indexing.indexing import Indexer
from mnemos_graph.memory.indexing.succession import Succession, Successions
from mnemos_graph.memory.indexing.tokens import embedded_mark, tokens_mark
from mnemos_graph.memory.indexing.walking import Walk, begun, keep_walk, walk_mark, walked
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.model import Access, ChangeKind, Memory, OrganizationId, RecordKind
from mnemos_graph.store import DerivedRef, Find, GraphStore, Mark, Order, VersionRef

BATCH = 100
"""Memories between two notes of how far it has come."""
LINGERS = 1.0
"""Seconds that what served before is kept, for questions that were asked in it."""
OTHERS_LINGER = 12.0
"""The same where other processes may not know yet that another generation serves."""
_TOLD_SECONDS = 1.0
_VERSIONS_AT_ONCE = 500
_CHANGES_AT_ONCE = 1_000
_DROPPED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the memories of some organizations have vectors of the embedder that is set."""

    organizations: int
    done: int
    total: int
    """Memories."""


class Reembedding:
    """Does such jobs.

    Args:
        store: always read as it is now.
        indexer: makes what the memories are to have.
        lingers: seconds that what served before is kept when another generation serves.
    """

    def __init__(
        self,
        store: GraphStore,
        successions: Successions,
        indexer: Indexer,
        collecting: Collecting | None = None,
        leases: Leases | None = None,
        *,
        lingers: float = LINGERS,
    ) -> None:
        self._store = store
        self._successions = successions
        self._indexer = indexer
        self._collecting = collecting
        self._leases = leases or LocalLeases()
        self._lingers = lingers
        self._told: Progress | None = None
        self._told_until = 0.0

    async def handle(self, work: Work) -> None:
        """Go on where whoever worked on it before has come.

        Raises:
            Unavailable: the model, the store or the vectors are away, or another process is to do it.
        """
        organization = work.access.organization
        async with self._leases.hold(f"reembed:{organization}") as lease:
            await until_one_ends(self._go_on(whole(organization), work), _ends(lease))

    async def progress(self) -> Progress | None:
        """Return how far all that is under way has come; None: nothing is.

        It is looked for once a second at most, however many want to know.
        """
        now = asyncio.get_running_loop().time()
        if now >= self._told_until:
            self._told_until = now + _TOLD_SECONDS
            self._told = await self._progress()
        return self._told

    async def _progress(self) -> Progress | None:
        walks = [
            await begun(self._store, whole(organization), self._indexer.made)
            for organization in self._successions.changing()
            if await self._is_building(organization)
        ]
        found = [walk for walk in walks if walk is not None]
        done, total = sum(walk.done for walk in found), sum(walk.total for walk in found)
        return Progress(len(walks), done, total) if walks else None

    async def _is_building(self, organization: OrganizationId) -> bool:
        succession = await self._successions.lately(organization)
        return succession is not None and succession.building == self._indexer.made

    async def _go_on(self, access: Access, work: Work) -> None:
        succession = await self._successions.now(access)
        if succession is None:
            return
        if succession.building is not None:
            if succession.building != self._indexer.made:
                raise Unavailable(
                    f"The vectors are to be of {succession.building.vectors}, and this process "
                    f"makes {self._indexer.generation}. Set the same MNEMOS_EMBEDDER everywhere."
                )
            if not await self._give(access, work):
                return
            await self._fill(access)
            await self._serve(access)
        await self._take_away(access)

    async def _give(self, access: Access, work: Work) -> bool:
        """Give every memory its vectors; return False where others are wanted by now."""
        made = self._indexer.made
        walk = await walked(self._store, access, made)
        await work.expect(max(walk.done, walk.total), done=walk.done)
        while not walk.ended:
            succession = await self._successions.lately(access.organization)
            if succession is None or succession.building != made:
                return False
            walk = await self._step(access, work, walk)
            await keep_walk(self._store, access, made, walk)
        await self._indexer.fill_up_to(access, walk.began)
        return True

    async def _step(self, access: Access, work: Work, walk: Walk) -> Walk:
        after = None if walk.behind is None else Mark(walk.behind, walk.behind)
        newest = Order("id", descending=True)
        (page,) = await self._store.find(
            access, [Find(Memory, order=newest, first=BATCH, after=after)]
        )
        await self._indexer.index(access, page.records)
        async for versions in self._earlier(access, page.records):
            await self._indexer.index(access, versions)
        if page.records:
            walk = replace(walk, behind=page.records[-1].id, done=walk.done + len(page.records))
            await work.done(count=len(page.records))
        return replace(walk, ended=not page.has_more)

    async def _earlier(
        self, access: Access, memories: Sequence[Memory]
    ) -> AsyncGenerator[Sequence[Memory], None]:
        """Yield what these memories were before, which is what `knownAt` asks for."""
        refs = (
            VersionRef(each.id, version) for each in memories for version in range(1, each.version)
        )
        while some := list(islice(refs, _VERSIONS_AT_ONCE)):
            kept = await self._store.versions(access, Memory, some)
            yield [
                kept[ref].record
                for ref in some
                if ref in kept and kept[ref].kind is not ChangeKind.DELETED
            ]

    async def _fill(self, access: Access) -> None:
        """Have what is searched widely follow, and wait for what was written meanwhile."""
        (head,) = await self._store.heads([access])
        await self._indexer.passed(access.organization, head.position)
        if self._collecting is not None:
            await self._collecting.come_along(access.organization)

    async def _serve(self, access: Access) -> None:
        made = self._indexer.made
        async with self._successions.deciding(access) as now:
            if now is None or now.building != made:
                return
            left = (*now.retired, now.serving) if now.serving else now.retired
            await self._successions.keep(access, Succession(made, retired=left, job=now.job))

    async def _take_away(self, access: Access) -> None:
        """Drop the bytes of what is retired, and its collections."""
        made = self._indexer.made
        succession = await self._successions.now(access)
        if succession is None or not succession.retired:
            return
        if not succession.gone:
            await self._forget(access)
            return
        await asyncio.sleep(self._lingers)
        walk = await walked(self._store, access, made)
        while changes := await self._store.changes(
            access, after=walk.retired, limit=_CHANGES_AT_ONCE
        ):
            succession = await self._successions.now(access)
            if succession is None:
                return
            versions = {
                VersionRef(each.subject_id, each.version)
                for each in changes
                if each.subject_type is RecordKind.MEMORY
            }
            gone = (DerivedRef(*ref, name) for ref in versions for name in succession.gone)
            while some := list(islice(gone, _DROPPED_AT_ONCE)):
                await self._store.derive(access, {}, drop=some)
            walk = replace(walk, retired=changes[-1].position)
            await keep_walk(self._store, access, made, walk)
        await self._forget(access)

    async def _forget(self, access: Access) -> None:
        """Take away what says that there was anything else than what serves or is being made."""
        async with self._successions.deciding(access) as now:
            if now is None:
                return
            if self._collecting is not None:
                await self._collecting.keep_only(access.organization, now.kept)
            marks = [embedded_mark(each.names) for each in now.retired]
            marks += [tokens_mark(name) for name in now.gone]
            marks += [walk_mark(each) for each in (*now.retired, now.serving) if each]
            await self._store.derive(access, {}, drop=marks)
            await self._successions.keep(access, replace(now, retired=()))


async def _ends(lease: Lease) -> None:
    await lease.lost.wait()
    raise Unavailable(
        "It is not sure that nobody else makes these vectors. It is gone on with soon."
    )
