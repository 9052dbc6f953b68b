"""One job being worked on: what it works on, and how far it has come."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from mnemos_graph.errors import Conflict, MnemosError, NotFound
from mnemos_graph.feed import Journal
from mnemos_graph.language.bills import Bill
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.memory.reading import every
from mnemos_graph.model import (
    Access,
    Job,
    JobInput,
    JobState,
    Position,
    RecordId,
    Spending,
)
from mnemos_graph.store import MOST_CHANGES, ChangeSet, Equal, Erase, Find, GraphStore, Mark, Put

BETWEEN_REPORTS = 1.0
"""Seconds that progress waits before it is written again."""
_PAGE = 50


class Superseded(Exception):
    """The job is somebody else's by now, or gone: whoever worked on it stops, and writes no more."""


class Work:
    """What a handler is given. Everything it does must be safe to be done again."""

    def __init__(
        self, journal: Journal, access: Access, job: Job, *, began: Position, clock: Clock
    ) -> None:
        self.access = access
        self.job = job
        """As it was last written."""
        self.began = began
        """Where the job was handed in: what is forgotten behind that, it writes no more."""
        self.bill = Bill()
        """What models cost that are asked for it since it was taken up."""
        self._journal = journal
        self._clock = clock
        self._spent_before = job.spent
        self._finished: deque[RecordId] = deque()
        self._ahead = job
        self._taken_up_at = job.done + job.failed
        self._turn = asyncio.Lock()
        self._reported = asyncio.get_running_loop().time()

    @property
    def store(self) -> GraphStore:
        return self._journal.store

    @property
    def nothing_succeeded(self) -> bool:
        """Whether every item that was tried has failed."""
        return self._ahead.failed > 0 and self._ahead.done == 0

    async def inputs(self) -> AsyncIterator[list[JobInput]]:
        """Yield what is left to do, page by page, in the order in which it was handed in."""
        after: Mark | None = None
        while True:
            where = (Equal("job_id", self.job.id),)
            question = Find(JobInput, where, first=_PAGE, after=after)
            (page,) = await self.store.find(self.access, [question])
            if page.records:
                yield list(page.records)
                after = Mark(page.records[-1].id, page.records[-1].id)
            if not page.has_more:
                return

    async def commit(self, change_set: ChangeSet) -> None:
        await self._journal.commit(self.access, change_set)

    async def expect(self, total: int, *, done: int | None = None) -> None:
        """Say how many items there are and, where that is known better, how many are done."""
        done = self._ahead.done if done is None else done
        self._ahead = replace(self._ahead, total=total, done=done)
        await self._report()

    async def done(self, finished: JobInput | None = None, count: int = 1) -> None:
        """Count items as done; the input that stood for them is erased with that."""
        self._ahead = replace(self._ahead, done=self._ahead.done + count)
        await self._finish(finished)

    async def failed(self, error: MnemosError, finished: JobInput | None = None) -> None:
        """Count an item as failed, for a reason that trying again would not change."""
        before = self._ahead
        self._ahead = replace(before, failed=before.failed + 1, error=before.error or str(error))
        await self._finish(finished)

    @property
    def tries(self) -> int:
        """How often in a row it was put off, where it is put off now."""
        came_further = self._ahead.done + self._ahead.failed > self._taken_up_at
        return 1 if came_further else self.job.tries + 1

    async def succeed(self) -> None:
        """Write that all of it is done, and erase what it worked on.

        Raises:
            Superseded: it is somebody else's by now.
        """
        where = (Equal("job_id", self.job.id),)
        left = await every(self.store, self.access, Find(JobInput, where))
        async with self._turn:
            self._finished = deque(each.id for each in left)
            await self._write_up_to_last()
            await self._write(state=JobState.SUCCEEDED, finished_at=self._clock(), tries=0)

    async def fail(self, error: str | None = None) -> None:
        """Write that it has failed; what it did not come to is kept, so that it can be run again.

        Raises:
            Superseded: it is somebody else's by now.
        """
        async with self._turn:
            await self._write_up_to_last()
            said = error or self._ahead.error
            await self._write(state=JobState.FAILED, finished_at=self._clock(), error=said)

    async def put_back(self, tries: int = 0) -> None:
        """Write how far it has come, for whoever takes it up next.

        Raises:
            Superseded: it is somebody else's by now.
        """
        async with self._turn:
            await self._write_up_to_last()
            await self._write(state=JobState.QUEUED, tries=tries)

    async def _finish(self, finished: JobInput | None) -> None:
        if finished is not None:
            self._finished.append(finished.id)
        await self._report()

    async def _report(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._reported < BETWEEN_REPORTS or self._turn.locked():
            return
        async with self._turn:
            self._reported = now
            await self._write()

    def _spent(self) -> Iterator[Spending]:
        """Yield what it has cost since it was handed in, by model."""
        before = {each.model: each for each in self._spent_before}
        for model, spent in self.bill.by_model.items():
            now = Spending(
                model=model,
                calls=spent.calls,
                failures=spent.failures,
                read=spent.usage.read,
                cached=spent.usage.cached,
                written=spent.usage.written,
                dollars=None if spent.unpriced else spent.dollars,
            )
            yield before.pop(model, Spending(model=model)) + now
        yield from before.values()

    async def _write_up_to_last(self) -> None:
        while len(self._finished) >= MOST_CHANGES:
            await self._write()

    async def _write(self, **changed: Any) -> None:
        """Write the counts and ``changed``, and erase inputs that are finished, up to 999."""
        gone = tuple(islice(self._finished, MOST_CHANGES - 1))
        version, now = self.job.version + 1, self._clock()
        spent = tuple(self._spent())
        next_ = replace(self._ahead, version=version, updated_at=now, spent=spent, **changed)
        erased = (Erase(JobInput.KIND, id_) for id_ in gone)
        try:
            await self.commit(ChangeSet((Put(next_), *erased)))
        except (Conflict, NotFound) as lost:
            raise Superseded(self.job.id) from lost
        self.job = next_
        for _ in gone:
            self._finished.popleft()
