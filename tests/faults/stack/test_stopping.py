"""A whole `mnemos serve` is stopped under load and started again at the same address."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.faults.stack.callers import Writers, all_heard, listening, texts, whole_log
from tests.faults.stack.starting import Stack, clients
from tests.servers.owned import free_port
from tests.serving import Client, Socket

WORKERS = 2
WRITERS = 8
SOCKETS = 8
LISTEN = "subscription { changes { position } }"

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(300)]


class Closed(NamedTuple):
    heard: str
    """The last position that was sent."""
    code: int
    reason: str


@asynccontextmanager
async def sockets(address: str) -> AsyncGenerator[list[Socket], None]:
    """Open sockets that listen, of nobody who would connect again."""
    async with AsyncExitStack() as opened, httpx.AsyncClient() as http:
        client = Client(address, http)
        made = [await opened.enter_async_context(client.socket()) for _ in range(SOCKETS)]
        for each in made:
            await each.subscribe(LISTEN)
        yield made


async def heard_to_its_end(socket: Socket) -> Closed:
    heard = ""
    try:
        async for frame in socket.connection:
            message = json.loads(frame)
            if message["type"] == "next":
                heard = message["payload"]["data"]["changes"]["position"]
    except ConnectionClosed:
        pass
    connection = socket.connection
    return Closed(heard, connection.close_code or 0, connection.close_reason or "")


async def test_a_stop_loses_nothing_and_tells_where_everybody_stood(stack: Stack) -> None:
    port = free_port()
    address = f"127.0.0.1:{port}"
    writers = Writers(pause=0.05)
    async with AsyncExitStack() as later, clients(f"http://{address}", WRITERS + 2) as opened:
        stays, resumes, *writing = opened
        async with stack.serve(workers=WORKERS, port=port) as first, sockets(address) as raw:
            listeners = await later.enter_async_context(listening([stays]))
            await later.enter_async_context(writers.writing(writing))
            hearing = asyncio.gather(*(heard_to_its_end(each) for each in raw))
            await writers.more(40)
            await first.end(signal.SIGTERM)
            closed = await hearing
            assert [each.code for each in closed] == [1012] * SOCKETS
            assert [each.reason for each in closed] == [each.heard for each in closed]
            assert first.said.count("mnemos.serving: stopped") == WORKERS
        async with stack.serve(workers=WORKERS, port=port):
            listeners += await later.enter_async_context(listening([resumes], closed[0].reason))
            await writers.more(40)
            await writers.stop()
            log = await whole_log(stays)
            await all_heard(listeners, log)
    cursors = [change.position for change in log]
    assert texts(log) == dict.fromkeys(writers.acknowledged, 1)
    assert listeners[0].cursors == cursors
    assert listeners[1].cursors == cursors[cursors.index(closed[0].reason) + 1 :]
