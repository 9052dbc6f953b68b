"""Works jobs off in this process, a few at a time.

A job is taken by writing its next version, so only one of those who hear of it works on it. What
is under way when this process ends is put back, or found by whoever watches; its handler sees to it
that nothing happens twice. What cannot be done now is tried again, ever more rarely, and given up
in the end: then it can be looked at, and run again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Self

from mnemos_graph.ending import end
from mnemos_graph.errors import Conflict, MnemosError, NotFound, TryLater
from mnemos_graph.feed import Journal
from mnemos_graph.language.bills import billed
from mnemos_graph.memory.jobs.heart import Heart
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.jobs.pauses import FIRST_PAUSE, MOST_TRIES, pause_before
from mnemos_graph.memory.jobs.work import Superseded, Work
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.model import Access, Job, JobState, new_id
from mnemos_graph.ready import Ready, Taken
from mnemos_graph.store import ChangeSet, Put, VersionRef

Handler = Callable[[Work], Awaitable[None]]
"""Does a job's work. It raises ``TryLater`` where it wants to be called again."""

AT_ONCE = 4
_PUTTING_BACK = 2.0
"""Seconds that a job has to be put back when its process ends; it is found all the same."""

log = logging.getLogger(__name__)


class Runner:
    """An async context: within it, jobs that are ready are worked off."""

    def __init__(
        self,
        journal: Journal,
        jobs: Jobs,
        handlers: Mapping[str, Handler],
        clock: Clock,
        *,
        heart: Heart | None = None,
        at_once: int = AT_ONCE,
        pause: float = FIRST_PAUSE,
        most_tries: int = MOST_TRIES,
        drain: float = 0.0,
    ) -> None:
        """Put it together.

        ``pause``: seconds before what could not be done is tried for the first time again.
        ``drain``: seconds that what is under way may go on for when the context is left.
        """
        self._journal = journal
        self._jobs = jobs
        self._handlers = handlers
        self._clock = clock
        self._heart = heart or Heart(journal.store, every=None)
        self._at_once = at_once
        self._pause = pause
        self._most_tries = most_tries
        self._drain = drain
        self.written = 0
        """How often a job was worked on here, up to its end or until it was put off."""
        self._taker: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._waiting: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> int:
        """How many jobs are being worked on now."""
        return len(self._under_way)

    async def __aenter__(self) -> Self:
        self._taker = asyncio.create_task(self._take())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take no more; what is not done after ``drain`` seconds is put back where it is."""
        stopped = [task for task in (self._taker, *self._waiting) if task]
        for task in stopped:
            task.cancel()
        if self._under_way and self._drain:
            await asyncio.wait(self._under_way, timeout=self._drain)
        await end(*stopped, *self._under_way)

    async def _take(self) -> None:
        places = asyncio.Semaphore(self._at_once)
        ready = self._jobs.ready.take()

        def free(task: asyncio.Task[None]) -> None:
            self._under_way.discard(task)
            places.release()

        while True:
            await places.acquire()
            task = asyncio.create_task(self._work(await anext(ready)))
            self._under_way.add(task)
            task.add_done_callback(free)

    async def _work(self, taken: Taken) -> None:
        job = taken.ready.job
        try:
            with self._heart.holding(taken.ready):
                await self._run(taken.ready)
            await self._heart.still(taken.ready)
        except Superseded:
            log.info("job %s is gone or is worked on elsewhere", job)
        except TryLater as later:
            log.warning("job %s is left to whoever finds it: %s", job, later.code)
        except Exception:
            log.exception("job %s could not be written", job)
        await taken.done()

    async def _run(self, ready: Ready) -> None:
        access = Access(ready.organization, f"job:{ready.job}")
        job = (await self._journal.store.get(access, Job, [ready.job])).get(ready.job)
        if job is None or job.state is not JobState.QUEUED:
            return
        work = await self._claimed(access, job)
        try:
            later = await self._outcome(work)
        except asyncio.CancelledError:
            await self._leave(ready, work)
            raise
        if later:
            await self._again(ready, work, later)
        self.written += 1

    async def _claimed(self, access: Access, job: Job) -> Work:
        now = self._clock()
        running = replace(job, state=JobState.RUNNING, version=job.version + 1, updated_at=now)
        try:
            await self._journal.commit(access, ChangeSet((Put(running),)))
        except (Conflict, NotFound) as lost:
            raise Superseded(job.id) from lost
        first = VersionRef(job.id, 1)
        began = (await self._journal.store.versions(access, Job, [first]))[first].born
        return Work(self._journal, access, running, began=began, clock=self._clock)

    async def _outcome(self, work: Work) -> TryLater | None:
        """Do the work and write how it ended; return why it is to be tried again, if it is."""
        handler = self._handlers.get(work.job.kind)
        if handler is None:
            await work.fail(f"This program knows no job of the kind {work.job.kind!r}.")
            return None
        try:
            with billed(work.bill):
                await handler(work)
        except TryLater as later:
            return later
        except Superseded:
            raise
        except MnemosError as error:
            await work.fail(str(error))
        except Exception:
            incident = new_id()
            log.exception("job %s failed, incident %s", work.job.id, incident)
            await work.fail(f"Something unforeseen went wrong; see incident {incident}.")
        else:
            await (work.fail() if work.nothing_succeeded else work.succeed())
        return None

    async def _again(self, ready: Ready, work: Work, later: TryLater) -> None:
        tries = work.tries
        if tries >= self._most_tries:
            await work.fail(f"It was given up after {tries} tries. The last one: {later}")
            return
        await work.put_back(tries)
        pause = max(pause_before(tries, self._pause), later.after or 0.0)
        log.warning("job %s waits %.0f s: %s", ready.job, pause, later.code)

        async def put() -> None:
            await asyncio.sleep(pause)
            await self._jobs.ready.put(ready)

        waiting = asyncio.create_task(put())
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)

    async def _leave(self, ready: Ready, work: Work) -> None:
        """Put a job back that was cut off, as far as there is time for it."""
        with suppress(Superseded, MnemosError, TimeoutError):
            async with asyncio.timeout(_PUTTING_BACK):
                await work.put_back(work.job.tries)
                await self._jobs.ready.put(ready)
