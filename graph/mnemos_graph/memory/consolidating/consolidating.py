"""The loop that improves quiet partitions, a little at a time; and the same at once, as a job."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from mnemos_graph.errors import BadInput, Conflict, MnemosError
from mnemos_graph.memory.consolidating.backlog import Backlog, Subjects, Waiting
from mnemos_graph.memory.consolidating.budget import Budget
from mnemos_graph.memory.consolidating.passes import Passes, Tally
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob, Unit
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.memory.outcomes import Clock, Written
from mnemos_graph.model import (
    START,
    Access,
    Entity,
    Job,
    Memory,
    OrganizationId,
    Origin,
    Position,
    Record,
    RecordId,
    Scope,
)
from mnemos_graph.store import DerivedRef, Equal, Find, GraphStore, Mark, Present

CONSOLIDATE = "consolidate"
EVERY = 300.0
"""Seconds between two looks."""
MOST_SECONDS = 20.0
"""Of one look at an organization."""
MOST_RECORDS = 2_000
"""That one look at an organization looks at."""
_MOST_READ = 20_000
"""Entries of an organization's log in one look."""
_PAGE = 1_000
_HEARTBEAT = 200
"""Records of a job between two reports."""
_MARK = DerivedRef(RecordId("mark:consolidation"), 1, "position")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Standing:
    """How the loop is, in this process."""

    last_look: datetime | None = None
    waiting: int = 0
    """Records that changed and were not looked at yet."""
    repeats: int = 0
    names: int = 0
    summaries: int = 0


class Consolidating:
    def __init__(
        self,
        store: GraphStore,
        jobs: Jobs,
        passes: Passes,
        clock: Clock,
        organizations: Callable[[], Awaitable[Collection[OrganizationId]]],
    ) -> None:
        """``store``: where the log is read from, which need not be kept ready for others."""
        self._store = store
        self._jobs = jobs
        self._passes = passes
        self._clock = clock
        self._organizations = organizations
        self._backlogs: dict[OrganizationId, Backlog] = {}
        self.standing = Standing()

    async def look(self) -> int:
        """Go on in each organization where it is quiet; return how much was changed."""
        total = Tally()
        organizations = await self._organizations()
        for organization in organizations:
            try:
                total.add(await self._go_on(Access(organization, "system")))
            except MnemosError as error:
                log.warning("%s is consolidated later: %s", organization, error.code)
        self._backlogs = {
            each: self._backlogs[each] for each in self._backlogs if each in organizations
        }
        standing = self.standing
        standing.last_look = self._clock()
        standing.waiting = sum(len(each) for each in self._backlogs.values())
        standing.repeats += total.repeats
        standing.names += total.names
        standing.summaries += total.summaries
        return total.total

    async def consolidate(self, access: Access, scope: Scope) -> Written[Job]:
        """Have a whole partition looked at now, quiet or not; its job counts what was changed.

        Raises:
            BadInput: the scope is narrower than a partition.
            Forbidden: the access may not write it.
        """
        if scope.agent_id is not None or scope.session_id is not None:
            raise BadInput(
                "What is known is consolidated for a user as a whole, or for all who share it. "
                "Give userId alone, or an empty scope."
            )
        unit = Unit(scope=scope, payload={})
        return await self._jobs.submit(access, NewJob(kind=CONSOLIDATE, scope=scope, units=[unit]))

    async def handle(self, work: Work) -> None:
        """Do a job of this kind.

        Raises:
            TryLater: a part is away; what is done until then stays, and is not done again.
            Conflict: the partition was forgotten since the job was handed in.
        """
        async for inputs in work.inputs():
            for each in inputs:
                subjects = await self._everything(work.access, each.scope)
                while len(subjects):
                    tally = await self._passes.go(
                        work.access, each.scope, subjects, work.began, Budget(60.0, _HEARTBEAT)
                    )
                    if tally.total:
                        await work.done(count=tally.total)

    async def _go_on(self, access: Access) -> Tally:
        total, budget = Tally(), Budget(MOST_SECONDS, MOST_RECORDS)
        backlog = await self._read(access)
        (head,) = await self._store.heads([access])
        for waiting in backlog.quiet(self._clock()):
            if budget.is_spent:
                break
            total.add(await self._improve(access, backlog, waiting, head.position, budget))
        await self._note(access, backlog)
        if total.total:
            log.info(
                "consolidated %s: %d repeats, %d names, %d summaries",
                *(access.organization, total.repeats, total.names, total.summaries),
            )
        return total

    async def _improve(
        self, access: Access, backlog: Backlog, waiting: Waiting, began: Position, budget: Budget
    ) -> Tally:
        """Go on with one partition; whoever writes to it just now is come back to."""
        try:
            tally = await self._passes.go(access, waiting.scope, waiting.subjects, began, budget)
        except Conflict:
            backlog.done(waiting)  # its next changes, or its erasure, are in the log
            return Tally()
        if not len(waiting.subjects):
            backlog.done(waiting)
        return tally

    async def _read(self, access: Access) -> Backlog:
        """Return what waits, with what was added to the log since."""
        kept = (await self._store.derived(access, [_MARK])).get(_MARK)
        position = Position(int(kept)) if kept else START
        backlog = self._backlogs.get(access.organization)
        (head,) = await self._store.heads([access])
        if backlog is None or backlog.noted != position or backlog.read > head.position:
            backlog = Backlog(min(position, head.position))
            self._backlogs[access.organization] = backlog
        last = backlog.read + _MOST_READ
        while backlog.read < min(head.position, last) and not backlog.is_full:
            page = await self._store.changes(access, after=backlog.read, limit=_PAGE)
            if not page:
                break
            backlog.take(page)
        return backlog

    async def _note(self, access: Access, backlog: Backlog) -> None:
        if backlog.position != backlog.noted:
            await self._store.derive(access, {_MARK: str(backlog.position).encode()})
            backlog.noted = backlog.position

    async def _everything(self, access: Access, scope: Scope) -> Subjects:
        subjects, own = Subjects(), Equal("user_id", scope.user_id)
        holds = Present("valid_to", present=False)
        apart = Present("merged_into", present=False)
        subjects.memories = await self._ids(access, Find(Memory, (own, holds), first=_PAGE))
        subjects.entities = await self._ids(access, Find(Entity, (own, apart), first=_PAGE))
        return subjects

    async def _ids(self, access: Access, question: Find[Record]) -> dict[RecordId, None]:
        found: dict[RecordId, None] = {}
        while True:
            (page,) = await self._store.find(access, [question])
            found |= dict.fromkeys(
                each.id
                for each in page.records
                if not isinstance(each, Memory) or each.origin is Origin.INFERRED
            )
            if not page.has_more:
                return found
            last = page.records[-1].id
            question = replace(question, after=Mark(last, last))
