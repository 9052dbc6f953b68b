"""Callers of a stack: some write until they are stopped, some listen, and the log tells who is right."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from mnemos.client import AsyncClient
from mnemos.client.results import Change, Memory
from mnemos_graph.errors import MnemosError, TimedOut, TryLater

T = TypeVar("T")

NEXT_TRY = 0.05
ALL_HEARD_SECONDS = 60


@dataclass
class Writers:
    """Create memories on and on, each with a key, and ask the same again until it is answered."""

    pause: float = 0.0
    """Seconds between two writes of one writer."""
    acknowledged: list[str] = field(default_factory=list)
    failures: list[MnemosError] = field(default_factory=list)
    _stopping: bool = False
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @asynccontextmanager
    async def writing(self, clients: Sequence[AsyncClient]) -> AsyncGenerator[None, None]:
        """Write while the block runs; at its end nothing is left without an answer."""
        self._tasks = [asyncio.create_task(self._write_on(*each)) for each in enumerate(clients)]
        try:
            yield
            await self.stop()
        finally:
            for each in self._tasks:
                each.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Begin nothing new, and wait for the answers to what was begun."""
        self._stopping = True
        await asyncio.gather(*self._tasks)

    async def more(self, number: int) -> None:
        """Wait until so many more were acknowledged."""
        enough = len(self.acknowledged) + number
        while len(self.acknowledged) < enough:  # noqa: ASYNC110 - several writers count
            await asyncio.sleep(NEXT_TRY)

    async def refused(self, number: int) -> None:
        """Wait until so many more attempts had no success."""
        enough = len(self.failures) + number
        while len(self.failures) < enough:  # noqa: ASYNC110 - several writers count
            await asyncio.sleep(NEXT_TRY)

    async def _write_on(self, name: int, client: AsyncClient) -> None:
        number = 0
        while not self._stopping:
            number += 1
            text = f"writer {name} says {number}"
            await self.patiently(
                lambda text=text: client.create_memory(  # type: ignore[misc]
                    text, idempotency_key=text, user_id=f"user {name}"
                )
            )
            self.acknowledged.append(text)
            await asyncio.sleep(self.pause)

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer, and note why there was none."""
        while True:
            try:
                return await call()
            except (TryLater, TimedOut) as failure:
                self.failures.append(failure)
                await asyncio.sleep(NEXT_TRY)


class Listener:
    """Follows the changes from a cursor on, wherever it is let in."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self.heard: list[Change] = []
        self.began = ""
        """Where it was let in first."""
        self.position = ""

    async def listen(self, after: str | None = None) -> None:
        async with aclosing(self._client.changes(after)) as pages:
            async for page in pages:
                self.began = self.began or page.position
                self.heard += page.changes
                self.position = page.position

    @property
    def cursors(self) -> list[str]:
        return [each.position for each in self.heard]


@asynccontextmanager
async def listening(
    clients: Sequence[AsyncClient], after: str | None = None
) -> AsyncGenerator[list[Listener], None]:
    """Have each client listen while the block runs, which begins when all of them are let in."""
    listeners = [Listener(each) for each in clients]
    tasks = [asyncio.create_task(each.listen(after)) for each in listeners]
    try:
        await _until(lambda: all(each.position for each in listeners))
        yield listeners
        assert not any(each.done() for each in tasks), "a listener was turned away"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def all_heard(listeners: Sequence[Listener], log: Sequence[Change]) -> None:
    """Wait until every listener has heard the end of the log."""
    last = log[-1].position
    await _until(lambda: all(last in each.cursors[-1:] for each in listeners))


async def whole_log(client: AsyncClient) -> list[Change]:
    found: list[Change] = []
    after, more = None, True
    while more:
        page = await client.log(after, first=100)
        found += page.changes
        after, more = page.position, page.has_more
    return found


def texts(log: Sequence[Change]) -> Counter[str]:
    """Count what the log tells to be created."""
    created = (each.subject for each in log if each.kind == "CREATED")
    return Counter(each.text for each in created if isinstance(each, Memory))


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(ALL_HEARD_SECONDS):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(NEXT_TRY)
