"""How whoever works jobs off hears that one is ready.

"Job X can be worked on" is all that is ever said. It may be lost, late or doubled: the store keeps
the job and all that it works on, and whoever sweeps it says again what was not heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from mnemos_graph.model import OrganizationId, RecordId


class Ready(NamedTuple):
    """A job that can be worked on."""

    organization: OrganizationId
    job: RecordId


class Taken(Protocol):
    """A job that one of all listeners has heard of."""

    @property
    def ready(self) -> Ready: ...

    async def done(self) -> None:
        """Say that it need not be said again. Never raises: what is said twice is looked up."""
        ...


class ReadyJobs(Protocol):
    async def put(self, ready: Ready) -> None:
        """Say that a job is ready. Never raises: a sweeper says it again."""
        ...

    def take(self) -> AsyncIterator[Taken]:
        """Yield each job that is ready to one of those who take; without end, and never raising.

        What was taken and not ``done`` may be given to another taker after a while.
        """
        ...


class LocalReady:
    """Ready jobs of a program that is one process. What waits already is not put again."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Ready] = asyncio.Queue()
        self._waiting: set[Ready] = set()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def put(self, ready: Ready) -> None:
        if ready not in self._waiting:
            self._waiting.add(ready)
            self._queue.put_nowait(ready)

    async def take(self) -> AsyncIterator[Taken]:
        while True:
            ready = await self._queue.get()
            self._waiting.discard(ready)
            yield _Heard(ready)


class _Heard(NamedTuple):
    ready: Ready

    async def done(self) -> None:
        """There is nobody else who could take it."""
