"""Finds jobs that nobody works on, and has them worked on.

A job that is queued may never have been heard of, and one that is under way may have lost its
process. Both are told by time: what has not changed, mark included, for a while as this process
itself saw it, is said again or taken from whoever had it. Watching twice does no harm.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace

from mnemos_graph.errors import Conflict, MnemosError, NotFound
from mnemos_graph.memory.jobs.heart import Heart, marks
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.jobs.pauses import pause_before
from mnemos_graph.model import Access, Job, JobState, OrganizationId, Position
from mnemos_graph.ready import Ready
from mnemos_graph.store import GraphStore

EVERY = 10.0
STALE = 30.0
"""Seconds without any change after which a job is believed to be left alone."""
_MOST_DOUBLINGS = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Seen:
    """How a job looked, since when, and how often it was said again while it looked like that."""

    version: int
    mark: bytes | None
    since: float
    said: int = 0


class Watch:
    def __init__(
        self,
        store: GraphStore,
        jobs: Jobs,
        heart: Heart,
        organizations: Callable[[], Awaitable[Collection[OrganizationId]]],
        *,
        stale: float = STALE,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._heart = heart
        self._organizations = organizations
        self._stale = stale
        self._heads: dict[OrganizationId, Position] = {}
        self._seen: dict[OrganizationId, dict[Ready, _Seen]] = {}

    async def look(self) -> int:
        """Look at every job that has not ended; return how many were said again.

        An organization whose log stands still and which has no open jobs is not asked.
        """
        accesses = [Access(each, "system") for each in await self._organizations()]
        heads = await self._store.heads(accesses)
        said = 0
        for access, head in zip(accesses, heads, strict=True):
            organization = access.organization
            stands = self._heads.get(organization) == head.position
            if stands and not self._seen.get(organization):
                continue
            try:
                said += await self._look_at(access)
            except MnemosError as error:
                log.warning("jobs of %s are looked at later: %s", organization, error.code)
            else:
                self._heads[organization] = head.position
        return said

    async def _look_at(self, access: Access) -> int:
        open_ = await self._jobs.open(access)
        running = [each.id for each in open_ if each.state is JobState.RUNNING]
        beats = await marks(self._store, access, running)
        before = self._seen.get(access.organization, {})
        now, seen, said = asyncio.get_running_loop().time(), dict[Ready, _Seen](), 0
        for job in open_:
            ready = Ready(access.organization, job.id)
            looks = _Seen(job.version, beats.get(job.id), now)
            known = before.get(ready, looks)
            if (known.version, known.mark) != (looks.version, looks.mark):
                known = looks
            if self._is_left_alone(job, ready, known, now) and await self._say(access, job):
                known = replace(known, since=now, said=known.said + 1)
                said += 1
            seen[ready] = known
        self._seen[access.organization] = seen
        return said

    def _is_left_alone(self, job: Job, ready: Ready, seen: _Seen, now: float) -> bool:
        if self._heart.holds(ready):
            return False
        patience = self._stale * 2.0 ** min(seen.said, _MOST_DOUBLINGS) + pause_before(job.tries)
        return now - seen.since >= patience

    async def _say(self, access: Access, job: Job) -> bool:
        """Have a job worked on; where somebody had it, that one's next write is refused."""
        try:
            await self._jobs.say_again(access, job)
        except (Conflict, NotFound):
            return False
        log.warning("job %s was left alone and is ready again", job.id)
        return True
