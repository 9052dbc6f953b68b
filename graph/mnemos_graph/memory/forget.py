"""Forgetting a person: nothing of that user's partition is left, in no version and in no file.

The fence is committed with the job, so from the moment it is acknowledged nothing that was begun
before can be written any more. What comes in afterwards is new, and stays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, runtime_checkable

from mnemos_graph.feed import Journal
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob, Unit
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.memory.outcomes import Written
from mnemos_graph.memory.reading import every
from mnemos_graph.model import (
    RECORD_TYPES,
    START,
    Access,
    Job,
    OrganizationId,
    Partition,
    Scope,
)
from mnemos_graph.store import ChangeSet, Equal, Erase, Fence, Find, Range

FORGET_USER = "forget_user"
_ERASED_AT_ONCE = 500
_LOG_PAGE = 1_000


Scrub = Callable[[OrganizationId], Awaitable[None]]
"""Removes for good what a part still holds of an organization's records that were erased."""


@runtime_checkable
class Scrubs(Protocol):
    """A store whose files hold on to what was erased until they are scrubbed."""

    async def scrub(self) -> None: ...


class Forgetting:
    def __init__(self, journal: Journal, jobs: Jobs, scrubs: Sequence[Scrub] = ()) -> None:
        self._store = journal.store
        self._jobs = jobs
        self._scrubs = tuple(scrubs)
        if isinstance(journal.store, Scrubs):
            store = journal.store
            self._scrubs += (lambda _: store.scrub(),)

    async def forget_user(self, access: Access, user_id: str) -> Written[Job]:
        """Have everything erased that the organization keeps of this user up to now.

        Raises:
            BadInput: the user id is empty or cannot be one.
            Forbidden: the access may not write that partition.
        """
        partition = Scope(user_id).partition
        unit = Unit(scope=Scope(), payload={"user_id": user_id})
        new = NewJob(kind=FORGET_USER, units=[unit], along=(Fence(partition),))
        return await self._jobs.submit(access, new)

    async def handle(self, work: Work) -> None:
        """Erase what is there of what was there when this was asked for."""
        async for (unit,) in work.inputs():
            partition = Scope(unit.payload["user_id"]).partition
            await self._erase(work, partition)
        for scrub in self._scrubs:
            await scrub(work.access.organization)

    async def _erase(self, work: Work, partition: Partition) -> None:
        gone = [
            *await self._bookkeeping(work, partition),
            *await self._logged(work, partition),
        ]
        await work.expect(work.job.done + len(gone))
        for start in range(0, len(gone), _ERASED_AT_ONCE):
            batch = tuple(gone[start : start + _ERASED_AT_ONCE])
            await work.commit(ChangeSet(batch))
            await work.done(count=len(batch))

    async def _bookkeeping(self, work: Work, partition: Partition) -> list[Erase]:
        """Return how to erase what has no entries in the log: receipts, inputs of jobs, latches."""
        where = (Equal("user_id", partition), Range("created_at", at_most=work.job.created_at))
        kinds = [each for each in RECORD_TYPES.values() if not each.LOGGED]
        found = [await every(self._store, work.access, Find(kind, where)) for kind in kinds]
        return [Erase(each.KIND, each.id) for records in found for each in records]

    async def _logged(self, work: Work, partition: Partition) -> list[Erase]:
        """Return how to erase everything that the log names, what was deleted before as well."""
        found: dict[Erase, None] = {}
        after = START
        while after < work.began:
            page = await self._store.changes(work.access, after=after, limit=_LOG_PAGE)
            if not page:
                break
            for change in page:
                own = change.scope is not None and change.scope.partition == partition
                if own and change.position <= work.began:
                    found[Erase(change.subject_type, change.subject_id)] = None
            after = page[-1].position
        return list(found)
