"""Works jobs off in this process, a few at a time.

A job that was under way when its process ended is begun again by the next one; its handler sees to
it that nothing happens twice. What cannot be done now is tried again, ever more rarely.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self

from mnemos_graph.errors import Conflict, MnemosError, NotFound, TryLater
from mnemos_graph.feed import Journal
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.model import Access, Job, JobState, new_id
from mnemos_graph.ready import Ready, Taken
from mnemos_graph.store import ChangeSet, Put, VersionRef

Handler = Callable[[Work], Awaitable[None]]
"""Does a job's work. It raises ``TryLater`` where it wants to be called again."""

AT_ONCE = 4
LONGEST_PAUSE = 60.0
"""Seconds between two tries of what cannot be done now."""

_logger = logging.getLogger(__name__)


class Runner:
    """An async context: within it, jobs that are ready are worked off."""

    def __init__(
        self,
        journal: Journal,
        jobs: Jobs,
        handlers: Mapping[str, Handler],
        clock: Clock,
        *,
        pause: float = 1.0,
    ) -> None:
        """``pause``: seconds before what could not be done is tried for the first time again."""
        self._journal = journal
        self._jobs = jobs
        self._handlers = handlers
        self._clock = clock
        self._pause = pause
        self._tries: defaultdict[Ready, int] = defaultdict(int)
        self._takers: list[asyncio.Task[None]] = []
        self._waiting: set[asyncio.TimerHandle] = set()
        self._putting: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._takers = [asyncio.create_task(self._take()) for _ in range(AT_ONCE)]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop: what is under way is left where it is, to be gone on with at the next start."""
        for timer in self._waiting:
            timer.cancel()
        for taker in self._takers:
            taker.cancel()
        await asyncio.gather(*self._takers, return_exceptions=True)

    async def _take(self) -> None:
        async for taken in self._jobs.ready.take():
            await self._work(taken)

    async def _work(self, taken: Taken) -> None:
        ready = taken.ready
        try:
            await self._run(ready)
        except TryLater as later:
            self._again(ready, later)
        except (Conflict, NotFound):
            _logger.info("job %s is gone or is worked on elsewhere", ready.job)
        except Exception:
            _logger.exception("job %s could not be written", ready.job)
        await taken.done()

    async def _run(self, ready: Ready) -> None:
        access = Access(ready.organization, f"job:{ready.job}")
        job = (await self._journal.store.get(access, Job, [ready.job])).get(ready.job)
        if job is None or job.ended:
            return
        if job.state is JobState.QUEUED:
            running = replace(
                job,
                state=JobState.RUNNING,
                version=job.version + 1,
                updated_at=self._clock(),
            )
            await self._journal.commit(access, ChangeSet((Put(running),)))
            job = running
        first = VersionRef(job.id, 1)
        began = (await self._journal.store.versions(access, Job, [first]))[first].born
        work = Work(self._journal, access, job, began=began, clock=self._clock)
        try:
            state, error = await self._outcome(work)
        except TryLater:
            await work.save()
            raise
        await work.end(state, error, self._clock())
        self._tries.pop(ready, None)

    async def _outcome(self, work: Work) -> tuple[JobState, str | None]:
        handler = self._handlers.get(work.job.kind)
        if handler is None:
            return JobState.FAILED, f"This program knows no job of the kind {work.job.kind!r}."
        try:
            await handler(work)
        except TryLater:
            raise
        except MnemosError as error:
            return JobState.FAILED, str(error)
        except Exception:
            incident = new_id()
            _logger.exception("job %s failed, incident %s", work.job.id, incident)
            return JobState.FAILED, f"Something unforeseen went wrong; see incident {incident}."
        return (JobState.FAILED if work.nothing_succeeded else JobState.SUCCEEDED), None

    def _again(self, ready: Ready, later: TryLater) -> None:
        self._tries[ready] += 1
        pause = min(self._pause * 2 ** (self._tries[ready] - 1), LONGEST_PAUSE)
        _logger.warning("job %s waits %.0f s: %s", ready.job, pause, later.code)
        loop = asyncio.get_running_loop()

        def enqueue() -> None:
            self._waiting.discard(timer)
            put = asyncio.create_task(self._jobs.ready.put(ready))
            self._putting.add(put)
            put.add_done_callback(self._putting.discard)

        timer = loop.call_later(pause, enqueue)
        self._waiting.add(timer)
