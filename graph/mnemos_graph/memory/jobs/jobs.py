"""Jobs as they are asked for: kept with all that they work on before anybody hears of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from mnemos_graph.errors import BadInput, NotFound
from mnemos_graph.feed import Journal
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.outcomes import Clock, Written
from mnemos_graph.memory.reading import every
from mnemos_graph.memory.receipts import Keyed, Receipts, named
from mnemos_graph.model import (
    Access,
    Job,
    JobInput,
    JobState,
    OrganizationId,
    Position,
    RecordId,
    Scope,
    new_id,
)
from mnemos_graph.ready import LocalReady, Ready, ReadyJobs
from mnemos_graph.store import (
    MOST_CHANGES,
    ChangeSet,
    Erase,
    Find,
    In,
    Mark,
    Operation,
    Order,
    Put,
    Range,
)

FAILED_KEPT = timedelta(days=30)
"""For so long a job that has failed can be run again."""
_ORPHANED = timedelta(days=1)
"""By then whoever began to hand a job in has done so, or is gone."""
_INPUTS_IN_A_SET = MOST_CHANGES - 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One thing that a job works on. It is kept in ``scope``, and forgotten with it."""

    scope: Scope
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """Work to be done. Its access is the whole organization: who may ask is decided before."""

    kind: str
    scope: Scope = field(default_factory=Scope)
    units: Sequence[Unit] = ()
    total: int | None = None
    """How many items it has; None: that is found out on the way."""
    along: tuple[Operation, ...] = ()
    """What must be written in the same change set, behind the job."""


class Jobs:
    """Takes jobs in, and says which are ready. A ``Runner`` works them off."""

    def __init__(self, journal: Journal, clock: Clock, ready: ReadyJobs | None = None) -> None:
        """Without ``ready``, only those hear of the jobs who work for these."""
        self._journal = journal
        self._attempts = Attempts(journal)
        self._receipts = Receipts(journal.store, clock)
        self._clock = clock
        self.ready = ready or LocalReady()

    async def submit(
        self, access: Access, new: NewJob, request: Keyed | None = None
    ) -> Written[Job]:
        """Keep a job with its units, and have it worked on; the same request again is the same job.

        Raises:
            Forbidden: a partition that the access may not write.
            Conflict: the key came with another input before.
        """
        job, inputs = self._made(new)
        first, last = inputs[:-_INPUTS_IN_A_SET], inputs[-_INPUTS_IN_A_SET:]

        async def decide(_: Position) -> Plan[Written[Job]]:
            before = await self._receipts.look(access, request)
            if answer := await self._receipts.first_answer(access, Job, before):
                (known,), position = answer
                return Plan((), lambda _: Written(known, position))
            receipt = self._receipts.put(request, new.scope, before, answer=named(job))
            puts = (Put(job), *(Put(each) for each in last), *receipt)
            return Plan((*puts, *new.along), lambda at: Written(job, at))

        await self._keep(access, first)
        written = await self._attempts.carry_out(access, decide)
        if written.record.id == job.id:
            await self.ready.put(Ready(access.organization, job.id))
        else:
            await self._erase(access, first)
        return written

    def submission(self, new: NewJob) -> tuple[Job, tuple[Put, ...]]:
        """Return a job, and what keeps it, for a change set of the caller's own.

        The caller says ``ready.put`` once it is committed. At most 990 units.
        """
        job, inputs = self._made(new)
        return job, (Put(job), *(Put(each) for each in inputs))

    async def open(self, access: Access) -> Sequence[Job]:
        """Return the jobs that have not ended."""
        states = (JobState.QUEUED.value, JobState.RUNNING.value)
        return await every(self._journal.store, access, Find(Job, (In("state", states),)))

    async def newest(
        self, access: Access, states: Collection[JobState], first: int
    ) -> Sequence[Job]:
        """Return jobs in these states, the newest first."""
        where = (In("state", tuple(state.value for state in states)),)
        question = Find(Job, where, order=Order("id", descending=True), first=first)
        (page,) = await self._journal.store.find(access, [question])
        return page.records

    async def say_again(self, access: Access, job: Job) -> None:
        """Have a job worked on that nobody works on; whoever still did can write it no more.

        Raises:
            Conflict: it was written meanwhile.
        """
        if job.state is not JobState.QUEUED:
            queued = replace(
                job, state=JobState.QUEUED, version=job.version + 1, updated_at=self._clock()
            )
            await self._journal.commit(access, ChangeSet((Put(queued),)))
        await self.ready.put(Ready(access.organization, job.id))

    async def take_up(self, organizations: Collection[OrganizationId]) -> int:
        """Have everything worked on that was left behind; return how many jobs that is.

        Only for a process that has the store to itself: what is under way is begun again.
        """
        found = 0
        for organization in organizations:
            access = Access(organization, "system")
            left = await self.open(access)
            for job in left:
                await self.say_again(access, job)
            found += len(left)
        return found

    async def retry(self, access: Access, id: RecordId) -> Written[Job]:
        """Run a job again that has failed, with what it did not come to.

        Raises:
            NotFound: there is no such job.
            BadInput: it has not failed.
        """

        async def decide(_: Position) -> Plan[Written[Job]]:
            job = (await self._journal.store.get(access, Job, [id])).get(id)
            if job is None:
                raise NotFound("job", id)
            if job.state is not JobState.FAILED:
                raise BadInput(f"This job is {job.state}; only one that has failed is run again.")
            again = replace(
                job,
                state=JobState.QUEUED,
                version=job.version + 1,
                updated_at=self._clock(),
                error=None,
                finished_at=None,
                tries=0,
            )
            return Plan((Put(again),), lambda at: Written(again, at))

        written = await self._attempts.carry_out(access, decide)
        await self.ready.put(Ready(access.organization, id))
        return written

    async def sweep(self, access: Access) -> int:
        """Erase inputs that no job will come to any more; return how many.

        Those are a day old without a job, or of one that ended more than 30 days ago.
        """
        now, swept = self._clock(), 0
        question = Find(
            JobInput, (Range("created_at", at_most=now - _ORPHANED),), first=_INPUTS_IN_A_SET
        )
        while True:
            (page,) = await self._journal.store.find(access, [question])
            owners = {RecordId(each.job_id) for each in page.records}
            known = await self._journal.store.get(access, Job, owners)
            kept = {id_ for id_, job in known.items() if not _is_over(job, now)}
            gone = [each for each in page.records if RecordId(each.job_id) not in kept]
            await self._erase(access, gone)
            swept += len(gone)
            if not page.has_more:
                return swept
            question = replace(question, after=Mark(page.records[-1].id, page.records[-1].id))

    def _made(self, new: NewJob) -> tuple[Job, list[JobInput]]:
        now = self._clock()
        job = Job(
            id=new_id(),
            scope=new.scope,
            created_at=now,
            updated_at=now,
            kind=new.kind,
            total=new.total,
        )
        inputs = [
            JobInput(
                id=new_id(),
                scope=unit.scope,
                created_at=now,
                updated_at=now,
                job_id=job.id,
                payload=unit.payload,
            )
            for unit in new.units
        ]
        return job, inputs

    async def _keep(self, access: Access, inputs: Sequence[JobInput]) -> None:
        for start in range(0, len(inputs), MOST_CHANGES):
            puts = tuple(Put(each) for each in inputs[start : start + MOST_CHANGES])
            await self._journal.commit(access, ChangeSet(puts))

    async def _erase(self, access: Access, inputs: Sequence[JobInput]) -> None:
        for start in range(0, len(inputs), MOST_CHANGES):
            erased = tuple(Erase(each.KIND, each.id) for each in inputs[start:][:MOST_CHANGES])
            await self._journal.commit(access, ChangeSet(erased))


def _is_over(job: Job, now: datetime) -> bool:
    """Return whether nobody will run the job again."""
    return job.ended and now - (job.finished_at or job.updated_at) >= FAILED_KEPT
