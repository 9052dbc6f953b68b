"""How many questions of one organization are worked on at once, so that no other waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mnemos_graph.model import OrganizationId

AT_ONCE = 32


@dataclass(slots=True)
class _Queue:
    free: int
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Turns:
    """Lets in so many of each organization; further ones wait, first come, first served.

    A process steps through everything that is under way. With a bound for each organization, what
    one of them asks for at the same time delays the others by so many steps, not by thousands.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._queues: dict[OrganizationId, _Queue] = {}

    def __len__(self) -> int:
        """How many organizations have something under way."""
        return len(self._queues)

    @asynccontextmanager
    async def of(self, organization: OrganizationId) -> AsyncGenerator[None, None]:
        """Wait for a turn, and have it for as long as the block runs."""
        queue = self._queues.setdefault(organization, _Queue(self._at_once))
        if queue.free:
            queue.free -= 1
        else:
            await self._wait(organization, queue)
        try:
            yield
        finally:
            self._pass_on(organization, queue)

    async def _wait(self, organization: OrganizationId, queue: _Queue) -> None:
        turn = asyncio.get_running_loop().create_future()
        queue.waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was given the turn as it gave up
                self._pass_on(organization, queue)
            raise

    def _pass_on(self, organization: OrganizationId, queue: _Queue) -> None:
        while queue.waiting:
            turn = queue.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        queue.free += 1
        if queue.free == self._at_once:
            del self._queues[organization]
