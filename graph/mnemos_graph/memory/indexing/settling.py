"""Decides, when a process starts, what becomes of the vectors that an organization has.

Where another embedder made them than the one that is set, a job gives the memories new ones. Whoever
started last decides: a process that goes on with an older setting builds nothing back.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from msgspec.structs import replace

from mnemos_graph.memory.indexing.embedding import whole
from mnemos_graph.memory.indexing.succession import Made, Succession, Successions
from mnemos_graph.memory.indexing.tokens import embedded_mark
from mnemos_graph.memory.indexing.walking import walk_mark
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob
from mnemos_graph.model import Access, Job, Memory, OrganizationId, RecordId
from mnemos_graph.store import Find, GraphStore

REEMBED = "reembed"
"""The kind of the job."""
FEW = 500
"""Memories of which nothing is known that are given vectors without one."""


class Settling:
    """A ``Charge``, of the embedder that is set and of the one that was set before.

    Args:
        configured: what the embedder that is set makes.
        previous: what the one before it made, where that one can be asked as well.
    """

    def __init__(
        self,
        store: GraphStore,
        successions: Successions,
        jobs: Jobs,
        configured: Made,
        previous: Made | None = None,
    ) -> None:
        self._store = store
        self._successions = successions
        self._jobs = jobs
        self._configured = configured
        self._previous = previous
        self._turns: defaultdict[OrganizationId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._settled: set[OrganizationId] = set()

    async def settle(self, access: Access) -> None:
        async with self._turns[access.organization]:
            if access.organization not in self._settled:
                await self._settle(access)
                self._settled.add(access.organization)

    async def wants(self, organization: OrganizationId, made: Made) -> bool:
        if organization not in self._settled:
            return made == self._configured
        succession = await self._successions.lately(organization)
        return succession is None or made.vectors in succession.kept

    async def builds(self, organization: OrganizationId, made: Made) -> bool:
        succession = await self._successions.lately(organization)
        return succession is not None and succession.building == made

    async def go_on(self, organization: OrganizationId) -> Job | None:
        """Return the job that is changing the organization's vectors, begun again if it failed.

        None: nothing is to be changed.
        """
        access = whole(organization)
        async with self._successions.deciding(access) as succession:
            if succession is None or not (succession.building or succession.retired):
                return None
            return await self._working(access, succession)

    async def _settle(self, access: Access) -> None:
        async with self._successions.deciding(access) as before:
            known = before or Succession(await self._found(access))
            after = self._after(known)
            if after.building is not None and after.building != known.building:
                marks = [embedded_mark(after.building.names), walk_mark(after.building)]
                await self._store.derive(access, {}, drop=marks)
            if after != before:
                await self._successions.keep(access, after)
            if after.building or after.retired:
                await self._working(access, after)

    def _after(self, known: Succession) -> Succession:
        """Return what shall be so from now on."""
        own, serving = self._configured, known.serving
        if known.building == own:
            return known
        left = {known.building, *known.retired} - {own, serving, None}
        retired = tuple(sorted((made for made in left if made), key=lambda made: made.names))
        if serving is not None and serving.vectors == own.vectors and own.tokens is None:
            serving = own  # the indexer drops the tokens that were kept
        if serving == own:
            return Succession(own, retired=retired, job=known.job if known.retired else None)
        return Succession(serving, building=own, retired=retired)

    async def _found(self, access: Access) -> Made | None:
        """Return what the memories have, in an organization where that was never noted."""
        for made in (self._configured, self._previous):
            if made is not None:
                mark = embedded_mark(made.names)
                if await self._store.derived(access, [mark]):
                    return made
        (page,) = await self._store.find(access, [Find(Memory, first=1, count_to=FEW)])
        return None if page.total is None else self._configured

    async def _working(self, access: Access, succession: Succession) -> Job:
        """Return the job, handed in anew if there is none that has not ended."""
        if succession.job is not None:
            id_ = RecordId(succession.job)
            job = (await self._store.get(access, Job, [id_])).get(id_)
            if job is not None and not job.ended:
                return job
        job = (await self._jobs.submit(access, NewJob(kind=REEMBED))).record
        await self._successions.keep(access, replace(succession, job=job.id))
        return job
