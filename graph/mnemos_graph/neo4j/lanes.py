"""Who waits to write: one lane for each organization, emptied by groups.

Within one organization sets are committed in the order in which they came; organizations do not
wait for each other. What is handed over is committed by the lane, whether or not the caller waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from mnemos_graph.committing import Wanted
from mnemos_graph.errors import Unavailable
from mnemos_graph.model import OrganizationId
from mnemos_graph.store import Committed

MOST_AT_ONCE = 1_000
"""Operations in one transaction: nobody's write waits longer for others' than these take."""
MOST_WAITING = 20_000
"""Operations that wait in all lanes; of more, the newest are refused."""
WAITS_SECONDS = 10.0
"""A set that no group took by then is refused, and was not written."""

Commit = Callable[[OrganizationId, Sequence[Wanted]], Awaitable[Sequence[Committed | Exception]]]


class _Waiting(NamedTuple):
    wanted: Wanted
    answer: asyncio.Future[Committed]
    until: float

    @property
    def size(self) -> int:
        return len(self.wanted.change_set.operations)


class Lanes:
    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._waiting: dict[OrganizationId, deque[_Waiting]] = {}
        self._runs = set[asyncio.Task[None]]()
        self._size = 0
        self._closed = False

    async def hand(self, wanted: Wanted) -> Committed:
        """Commit a set together with others of its organization.

        Raises:
            Unavailable: too much waits already, or no group took it in time; it was not written.
        """
        if self._closed:
            raise Unavailable("The store is closed. Ask again when Mnemos runs.")
        size = len(wanted.change_set.operations)
        if self._size + size > MOST_WAITING:
            raise Unavailable("Too many writes wait for Neo4j. Try again in a moment.")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(wanted, loop.create_future(), loop.time() + WAITS_SECONDS)
        self._size += size
        organization = wanted.access.organization
        lane = self._waiting.get(organization)
        if lane is None:
            lane = self._waiting[organization] = deque()
            run = loop.create_task(self._run(organization, lane))
            self._runs.add(run)
            run.add_done_callback(self._runs.discard)
        lane.append(waiting)
        return await waiting.answer

    async def close(self) -> None:
        """Commit what was handed over before, and take no more."""
        self._closed = True
        while self._runs:
            await asyncio.gather(*self._runs, return_exceptions=True)

    async def _run(self, organization: OrganizationId, lane: deque[_Waiting]) -> None:
        """Commit group after group until nothing waits."""
        while lane:
            group = self._taken(lane)
            if group:
                _settle(group, await self._committed(organization, group))
        del self._waiting[organization]

    async def _committed(
        self, organization: OrganizationId, group: Sequence[_Waiting]
    ) -> Sequence[Committed | Exception]:
        try:
            return await self._commit(organization, [each.wanted for each in group])
        except Exception as failure:  # noqa: BLE001 - it is raised where it was asked
            return [failure] * len(group)

    def _taken(self, lane: deque[_Waiting]) -> list[_Waiting]:
        """Take the next group, without those that nobody waits for or that waited too long."""
        group, size, now = list[_Waiting](), 0, asyncio.get_running_loop().time()
        while lane and size < MOST_AT_ONCE:
            waiting = lane.popleft()
            self._size -= waiting.size
            if waiting.answer.done():
                continue
            if waiting.until < now:
                waiting.answer.set_exception(
                    Unavailable("Neo4j is too slow now; nothing was written. Try again shortly.")
                )
                continue
            group.append(waiting)
            size += waiting.size
        return group


def _settle(group: Sequence[_Waiting], answers: Sequence[Committed | Exception]) -> None:
    for waiting, answer in zip(group, answers, strict=True):
        if waiting.answer.done():
            continue
        if isinstance(answer, Exception):
            waiting.answer.set_exception(answer)
        else:
            waiting.answer.set_result(answer)
