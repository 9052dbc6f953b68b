"""Memories whose time has passed are deleted; like any that is deleted, they can be restored."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace

from mnemos_graph.errors import Conflict, MnemosError, Unavailable
from mnemos_graph.feed import Journal
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.model import Access, Memory, OrganizationId, Position, RecordKind
from mnemos_graph.store import Delete, Find, Order, Range

EXPIRE = "expire"
EVERY = 600.0
"""Seconds."""
REASON = "expired"
_DELETED_AT_ONCE = 500
_MOST_COUNTED = 10_000_000
_SOONEST = Order("expires_at")
"""As it is indexed, so that nobody looks through what has not expired."""

log = logging.getLogger(__name__)


class Expiring:
    def __init__(
        self,
        journal: Journal,
        jobs: Jobs,
        clock: Clock,
        organizations: Callable[[], Awaitable[Collection[OrganizationId]]],
    ) -> None:
        self._store = journal.store
        self._attempts = Attempts(journal)
        self._jobs = jobs
        self._clock = clock
        self._organizations = organizations

    async def look(self) -> int:
        """Begin a job in each organization that has something to delete; return how many jobs."""
        begun = 0
        for organization in await self._organizations():
            access = Access(organization, "system")
            try:
                begun += await self._begin(access)
            except MnemosError as error:
                log.warning("%s is looked at later: %s", organization, error.code)
        return begun

    async def handle(self, work: Work) -> None:
        """Delete what has expired by now.

        Raises:
            TryLater: others change those memories faster than they can be deleted.
        """
        passed = (Range("expires_at", at_most=self._clock()),)
        (page,) = await self._store.find(
            work.access, [Find(Memory, passed, first=1, count_to=_MOST_COUNTED)]
        )
        await work.expect(work.job.done + (page.total or 0))
        while count := await self._delete(work.access, Find(Memory, passed)):
            await work.done(count=count)

    async def _begin(self, access: Access) -> bool:
        passed = Find(
            Memory, (Range("expires_at", at_most=self._clock()),), order=_SOONEST, first=1
        )
        (page,) = await self._store.find(access, [passed])
        if not page.records:
            return False
        if any(job.kind == EXPIRE for job in await self._jobs.open(access)):
            return False
        await self._jobs.submit(access, NewJob(kind=EXPIRE))
        return True

    async def _delete(self, access: Access, question: Find[Memory]) -> int:
        batch = replace(question, order=_SOONEST, first=_DELETED_AT_ONCE)

        async def decide(_: Position) -> Plan[int]:
            (page,) = await self._store.find(access, [batch])
            gone = [
                Delete(RecordKind.MEMORY, each.id, each.version, REASON) for each in page.records
            ]
            return Plan(tuple(gone), lambda _: len(gone))

        try:
            return await self._attempts.carry_out(access, decide)
        except Conflict as lost:
            raise Unavailable("What has expired is being changed. It is deleted later.") from lost
