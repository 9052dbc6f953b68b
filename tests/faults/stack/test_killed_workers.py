"""kill -9 of workers while many write and listen: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal

import pytest

from tests.faults.length import LONG
from tests.faults.stack.callers import Writers, all_heard, listening, texts, whole_log
from tests.faults.stack.starting import Program, Stack, clients

KILLS = 100 if LONG else 3
WRITERS = 32
LISTENERS = 4

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(1_200 if LONG else 300)]


async def killed_again_and_again(program: Program, writers: Writers) -> None:
    """Kill a worker at a random moment of the load, as often as its place is taken."""
    for _ in range(KILLS):
        killed = random.choice(sorted(await program.all_serve()))
        await writers.more(WRITERS)
        await asyncio.sleep(random.uniform(0, 0.5))
        os.kill(killed, signal.SIGKILL)
        await program.all_serve(without=[killed])


async def test_what_a_killed_worker_acknowledged_is_there_once(stack: Stack) -> None:
    writers = Writers()
    async with stack.serve() as program, clients(program.url, WRITERS + LISTENERS) as opened:
        writing, hearing = opened[:WRITERS], opened[WRITERS:]
        async with listening(hearing) as listeners:
            async with writers.writing(writing):
                await killed_again_and_again(program, writers)
            log = await whole_log(opened[0])
            await all_heard(listeners, log)
        assert await stack.positions() == list(range(1, len(log) + 1))
    assert texts(log) == dict.fromkeys(writers.acknowledged, 1)
    for each in listeners:
        assert each.cursors == [change.position for change in log]


async def test_a_worker_that_acknowledges_before_it_commits_is_found(stack: Stack) -> None:
    stack.bug = "acknowledges before the commit"
    async with stack.serve() as program, clients(program.url, 1) as (client,):
        await client.create_memory("said and gone")
        await program.end(signal.SIGKILL)
    assert await stack.positions() == []
