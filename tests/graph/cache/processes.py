"""Two processes over one store, each with a feed and a cache of its own, and a clock that stands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from mnemos_graph.cache.opening import MOST_BYTES, Cache, open_cache
from mnemos_graph.errors import Unavailable
from mnemos_graph.feed import Bus, Feed, Journal, LocalBus
from mnemos_graph.model import Access, Position, Record
from mnemos_graph.store import ChangeSet, GraphStore, Operation, Put
from tests.conformance.samples import ACME


class Clock:
    """Seconds that go by when a test says so."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += seconds


class DeafBus(LocalBus):
    """Loses every hint."""

    async def publish(self, *_: object) -> None:
        pass


class Counted:
    """A store of its own process: it counts the calls, may be away, and may take its time."""

    def __init__(self, inner: GraphStore) -> None:
        self.inner = inner
        self.calls: list[str] = []
        self.away = False
        self.delays: Callable[[], int] = lambda: 0
        """How many turns of the loop pass before a call reaches the store, and before its answer
        is there."""

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self.inner, name)

        async def call(*given: Any, **named: Any) -> Any:
            if not _is_the_check():
                self.calls.append(name)
            await self._pass_by()
            if self.away:
                raise Unavailable("The store is away.")
            answer = await method(*given, **named)
            await self._pass_by()
            return answer

        return call

    async def _pass_by(self) -> None:
        for _ in range(self.delays()):
            await asyncio.sleep(0)


def _is_the_check() -> bool:
    """Whether the feed looks at the heads by itself, as it does every second: that is no trip."""
    task = asyncio.current_task()
    return task is not None and task.get_name() == "check heads"


@dataclass
class Process:
    store: Any
    feed: Feed
    cache: Cache
    journal: Journal = field(init=False)
    bus: Bus = field(default_factory=LocalBus)

    def __post_init__(self) -> None:
        self.journal = Journal(self.cache.deciding, self.bus)

    async def write(self, *records: Record, access: Access = ACME) -> Position:
        return await self.commit(*map(Put, records), access=access)

    async def commit(self, *operations: Operation, access: Access = ACME) -> Position:
        return (await self.journal.commit(access, ChangeSet(operations))).last

    async def warm(self, reading: Callable[[], Awaitable[Any]]) -> None:
        """Do a reading until its answers are kept, then begin to count anew."""
        for _ in range(2):
            await reading()
            await self.cache.settle()
        self.store.calls.clear()


@asynccontextmanager
async def process(
    inner: GraphStore, bus: Bus, clock: Callable[[], float], most_bytes: int = MOST_BYTES
) -> AsyncGenerator[Process, None]:
    store: Any = Counted(inner)
    async with (
        Feed(store, bus, clock=clock) as feed,
        open_cache(store, feed, most_bytes) as cache,
    ):
        await cache.store.heads([ACME])
        yield Process(store, feed, cache, bus=bus)


def texts(records: Iterable[Any]) -> list[str]:
    return [each.text for each in records]
