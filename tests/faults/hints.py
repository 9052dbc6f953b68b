"""Two processes' ends of one memory, with Redis between them behind relays that can break it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mnemos_graph.feed import Feed, Journal
from mnemos_graph.model import START
from mnemos_graph.redis import RedisBus, open_redis
from mnemos_graph.store import ChangeSet, Put
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, memory
from tests.servers.redis import RedisServer, redis_server
from tests.servers.relay import Relay, relay
from tests.waiting import until

PAUSE = 0.002
"""Seconds between two changes."""


@dataclass
class Between:
    """What stands between a process that writes and one that listens."""

    server: RedisServer
    writers: Relay
    listeners: Relay
    written: list[float] = field(default_factory=list)
    """When each change was acknowledged, by position - 1."""
    heard: list[tuple[int, float]] = field(default_factory=list)
    """Which position the listener heard, and when."""

    async def everywhere(self, do: Callable[[Relay], object]) -> None:
        for each in (self.writers, self.listeners):
            if isinstance(done := do(each), Awaitable):
                await done

    @property
    def lateness(self) -> float:
        """Seconds from the acknowledgement of a change until it was heard: of the latest one."""
        return max(at - self.written[position - 1] for position, at in self.heard)


@asynccontextmanager
async def between(folder: Path) -> AsyncGenerator[Between, None]:
    async with (
        redis_server(folder) as server,
        relay(*server.address) as writers,
        relay(*server.address) as listeners,
    ):
        yield Between(server, writers, listeners)


Trouble = Callable[[Between], Awaitable[None]]


async def nothing(_: Between) -> None:
    pass


async def deliver(
    ends: Between,
    changes: int,
    *,
    begins: Trouble,
    is_over: Trouble,
    feed: type[Feed] = Feed,
    over_at: float = 2 / 3,
    patience: float = 10,
) -> list[int]:
    """Write while trouble begins at a third and is over later; return what a listener heard.

    ``patience``: seconds after the last write until no more is waited for.
    """
    store = MemoryStore()
    async with AsyncExitStack() as stack:
        buses: list[RedisBus] = []
        for door in (ends.writers, ends.listeners):
            url = f"redis://127.0.0.1:{door.port}"
            buses.append((await stack.enter_async_context(open_redis(url))).bus)
        await until(lambda: all(each.health.connected for each in buses))
        listener = await stack.enter_async_context(feed(store, buses[1]))
        listening = asyncio.create_task(_listen(ends, listener, changes))
        try:
            await _write(
                ends,
                Journal(store, buses[0]),
                changes,
                begins=begins,
                is_over=is_over,
                over_at=over_at,
            )
            async with asyncio.timeout(patience):
                await listening
        except TimeoutError:
            pass
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    return [position for position, _ in ends.heard]


async def _listen(ends: Between, feed: Feed, changes: int) -> None:
    loop = asyncio.get_running_loop()
    async with aclosing(feed.follow(ACME, START)) as pages:
        async for page in pages:
            ends.heard += [(each.position, loop.time()) for each in page.changes]
            if page.position >= changes:
                return


async def _write(
    ends: Between,
    journal: Journal,
    changes: int,
    *,
    begins: Trouble,
    is_over: Trouble,
    over_at: float,
) -> None:
    loop = asyncio.get_running_loop()
    for number in range(changes):
        if number == changes // 3:
            await begins(ends)
        if number == int(changes * over_at):
            await is_over(ends)
        async with asyncio.timeout(0.5):  # a write waits for no Redis
            await journal.commit(ACME, ChangeSet((Put(memory(str(number))),)))
        ends.written.append(loop.time())
        await asyncio.sleep(PAUSE)
    if over_at >= 1:
        await is_over(ends)
