from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

import pytest

from tests.servers.relay import Relay, relay


@pytest.fixture
async def door() -> AsyncGenerator[Relay, None]:
    """A relay in front of a server that says everything again."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(100):
            writer.write(said)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, relay(*server.sockets[0].getsockname()) as opened:
        yield opened


async def ask(door: Relay) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(*door.address)
    writer.write(b"so")
    return reader, writer


async def test_what_is_sent_comes_through(door: Relay) -> None:
    reader, writer = await ask(door)
    assert await reader.read(100) == b"so"
    writer.close()


async def test_a_cut_connection_ends_and_a_new_one_works(door: Relay) -> None:
    reader, writer = await ask(door)
    await reader.read(100)
    door.cut()
    with suppress(ConnectionError):
        assert await reader.read(100) == b""
    writer.close()
    reader, writer = await ask(door)
    assert await reader.read(100) == b"so"
    writer.close()


async def test_who_is_refused_may_come_again(door: Relay) -> None:
    await door.refuse()
    with pytest.raises(ConnectionRefusedError):
        await ask(door)
    await door.accept()
    reader, writer = await ask(door)
    assert await reader.read(100) == b"so"
    writer.close()


async def test_what_is_held_comes_later(door: Relay) -> None:
    door.hold()
    reader, writer = await ask(door)
    answer = asyncio.create_task(reader.read(100))
    assert not (await asyncio.wait([answer], timeout=0.1))[0]
    door.forward()
    assert await answer == b"so"
    writer.close()


async def test_what_is_delayed_is_late_both_ways(door: Relay) -> None:
    door.delay = 0.05
    began = asyncio.get_running_loop().time()
    reader, writer = await ask(door)
    assert await reader.read(100) == b"so"
    assert asyncio.get_running_loop().time() - began >= 0.1
    writer.close()
