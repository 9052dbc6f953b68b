"""Neo4j goes away under load: whoever asks is told so, and everything goes on when it is back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from mnemos.client import AsyncClient
from mnemos_graph.errors import TimedOut, Unavailable
from tests.faults.length import LONG
from tests.faults.stack.callers import Writers, all_heard, listening, texts, whole_log
from tests.faults.stack.starting import Stack, clients
from tests.servers.relay import Relay, relay

AWAY_SECONDS = 30 if LONG else 3
WRITERS = 16

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(600 if LONG else 300)]


@asynccontextmanager
async def behind_a_door(stack: Stack) -> AsyncGenerator[Relay, None]:
    """Have every program that is started reach Neo4j through a relay."""
    async with relay("127.0.0.1", stack.neo4j.port) as door:
        inside = f":{stack.neo4j.port}"
        stack.settings["MNEMOS_STORE"] = stack.neo4j.url.replace(inside, f":{door.port}")
        yield door


async def cut(stack: Stack, door: Relay, writers: Writers) -> None:
    await door.refuse()
    await writers.refused(WRITERS)
    await asyncio.sleep(AWAY_SECONDS)
    await door.accept()


async def half_open(stack: Stack, door: Relay, writers: Writers) -> None:
    door.hold()
    await writers.refused(WRITERS)
    await asyncio.sleep(AWAY_SECONDS)
    door.cut()
    door.forward()


async def restarted(stack: Stack, door: Relay, writers: Writers) -> None:
    await asyncio.to_thread(stack.neo4j.restart)


async def test_who_asks_is_told_and_nothing_is_written_twice(stack: Stack) -> None:
    writers = Writers()
    async with (
        behind_a_door(stack) as door,
        stack.serve() as program,
        clients(program.url, WRITERS + 1) as opened,
        listening(opened[WRITERS:]) as listeners,
    ):
        before = set(program.workers)
        async with writers.writing(opened[:WRITERS]):
            for happens in (cut, half_open, restarted):
                await writers.more(40)
                await happens(stack, door, writers)
            await writers.more(40)
        log = await whole_log(opened[0])
        await all_heard(listeners, log)
        assert set(program.workers) == before
    assert " ERROR   mnemos" not in program.said
    told = Counter(type(each) for each in writers.failures)
    assert told.keys() <= {Unavailable, TimedOut}
    assert told[Unavailable] > WRITERS > told[TimedOut], "only a slow machine is told TIMEOUT"
    assert texts(log) == dict.fromkeys(writers.acknowledged, 1)
    assert await stack.positions() == list(range(1, len(log) + 1))
    assert listeners[0].cursors == [change.position for change in log]


async def written(client: AsyncClient) -> None:
    while True:
        if await whole_log(client):
            return
        await asyncio.sleep(0.1)


@pytest.mark.parametrize(("bug", "times"), [("", 1), ("knows no request again", 2)])
async def test_who_gives_up_and_asks_again_has_written_once(
    stack: Stack, bug: str, times: int
) -> None:
    stack.bug = bug
    async with (
        behind_a_door(stack) as door,
        stack.serve() as program,
        clients(program.url, 1) as (patient,),
        clients(program.url, 1, gives_up=0.5) as (hasty,),
    ):
        door.delay = 0.5
        with pytest.raises(TimedOut):
            await hasty.create_memory("said", idempotency_key="once")
        door.delay = 0
        await written(patient)
        await patient.create_memory("said", idempotency_key="once")
        log = await whole_log(patient)
    assert texts(log) == {"said": times}
