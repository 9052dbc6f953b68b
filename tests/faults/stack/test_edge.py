"""Subscribing at the edge between history and live, under 500 writes a second: there is no gap."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count

import pytest

from mnemos.client import AsyncClient
from mnemos.client.results import Change
from mnemos_graph.feed import Journal
from mnemos_graph.identity import LOCAL_CALLER
from mnemos_graph.neo4j import open_neo4j
from mnemos_graph.redis import open_redis
from mnemos_graph.store import ChangeSet, Put
from tests.conformance.samples import memory
from tests.faults.length import LONG
from tests.faults.stack.callers import Listener, all_heard, listening, whole_log
from tests.faults.stack.starting import Stack, clients

TOGETHER = 25
"""Memories in a change set."""
PAUSE_SECONDS = TOGETHER / 500
COME = 60 if LONG else 6
"""Listeners who come one after another, each from some place in the history."""

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(600 if LONG else 300)]


@asynccontextmanager
async def writing(stack: Stack) -> AsyncGenerator[None, None]:
    """Write while the block runs, as another process of the same memory does."""

    async def write_on() -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        for number in count():
            puts = tuple(Put(memory(f"number {number}.{each}")) for each in range(TOGETHER))
            await journal.commit(LOCAL_CALLER.access, ChangeSet(puts))
            due = max(due + PAUSE_SECONDS, loop.time())
            await asyncio.sleep(due - loop.time())

    async with open_neo4j(stack.neo4j.url) as store, open_redis(stack.redis.url) as between:
        journal = Journal(store, between.bus)
        task = asyncio.create_task(write_on())
        try:
            yield
            assert not task.done(), "the writer was stopped"
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def come(stack: Stack, url: str) -> tuple[list[Change], list[Listener]]:
    """Have listeners come while others write; return the log, and what each of them heard."""
    async with clients(url, COME + 1) as (asking, *opened), AsyncExitStack() as there:
        first = await asking.position()
        listeners: list[Listener] = []
        async with writing(stack):
            for number, client in enumerate(opened):
                after = await somewhere(asking, first, number)
                listeners += await there.enter_async_context(listening([client], after))
        await asking.create_memory("the last one")
        log = await whole_log(asking)
        await all_heard(listeners, log)
    return log, listeners


async def somewhere(asking: AsyncClient, first: str, number: int) -> str | None:
    """Return where a listener begins: at the start, now, or a random number of changes ago."""
    if number % 3 == 0:
        return first
    if number % 3 == 1:
        return None
    now = await asking.position()
    await asyncio.sleep(random.uniform(0, 1))
    return now


def missing(log: Sequence[Change], listener: Listener) -> list[str]:
    """Return what a listener should have heard behind the place where it began."""
    cursors = [each.position for each in log]
    begin = cursors.index(listener.began) + 1 if listener.began in cursors else 0
    if listener.cursors == cursors[begin:]:
        return []
    return [each for each in cursors[begin:] if each not in set(listener.cursors)] or ["order"]


async def test_whoever_comes_hears_all_behind_its_cursor(stack: Stack) -> None:
    async with stack.serve() as program:
        log, listeners = await come(stack, program.url)
    assert [missing(log, each) for each in listeners] == [[]] * COME


async def test_a_feed_that_looks_not_back_from_live_is_found(stack: Stack) -> None:
    stack.bug = "looks not back from live"
    async with stack.serve() as program:
        log, listeners = await come(stack, program.url)
    assert any(missing(log, each) for each in listeners)
