"""Listeners who lose their worker go on at another, behind the cursor that they have."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from tests.faults.length import LONG
from tests.faults.stack.callers import Writers, all_heard, listening, whole_log
from tests.faults.stack.starting import Program, Stack, clients

LISTENERS = 800 if LONG else 100
"""Over all workers."""
WRITERS = 4
PAUSE_SECONDS = 2.0 if LONG else 0.4

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(600 if LONG else 300)]

Trouble = Callable[[Program], Awaitable[None]]


async def kill_one(program: Program) -> None:
    """Kill the worker that most listen to."""
    workers = {program.listeners_of(each): each for each in program.workers}
    assert max(workers) >= LISTENERS // len(program.workers)
    killed = workers[max(workers)]
    os.kill(killed, signal.SIGKILL)
    await program.all_serve(without=[killed])


async def replace_all(program: Program) -> None:
    before = program.workers
    program.send(signal.SIGHUP)
    await program.all_serve(without=before)


@pytest.mark.parametrize(("happens", "workers"), [(kill_one, 4), (replace_all, 2)])
async def test_who_listened_goes_on_elsewhere_without_a_gap(
    stack: Stack, happens: Trouble, workers: int
) -> None:
    writers = Writers(pause=PAUSE_SECONDS)
    async with (
        stack.serve(workers=workers) as program,
        clients(program.url, LISTENERS + WRITERS) as opened,
        listening(opened[WRITERS:]) as listeners,
    ):
        async with writers.writing(opened[:WRITERS]):
            await writers.more(8)
            await happens(program)
            await writers.more(8)
        log = await whole_log(opened[0])
        await all_heard(listeners, log)
    assert len(log) == len(writers.acknowledged)
    for each in listeners:
        assert each.cursors == [change.position for change in log]
