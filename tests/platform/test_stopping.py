"""A stop finishes what was accepted, and tells whoever listens where they stood."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest

from mnemos.program import Program
from mnemos.settings import Settings
from tests.conformance.memory_store import MemoryStore
from tests.process import mnemos_serve
from tests.serving import Client, client_of, program_on

LISTEN = "subscription ($after: Cursor) { changes(after: $after) { position } }"
WRITE = 'mutation { createMemory(input: {text: "x", scope: {}}) { position } }'


class SlowToWrite(MemoryStore):
    """A store whose commits begin when they are told to, and take their time."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def commit(self, *args: Any, **kwargs: Any) -> Any:
        self.begun.set()
        await asyncio.sleep(0.3)
        return await super().commit(*args, **kwargs)


async def test_a_listener_is_told_where_it_stood(client: Client, program: Program) -> None:
    async with client.socket() as socket:
        await socket.subscribe(LISTEN)
        await socket.next()
        written = (await client.ask(WRITE))["createMemory"]["position"]
        assert (await socket.next())["changes"]["position"] == written
        await asyncio.sleep(0)
        await program.connections.drain(5)
        assert await socket.closed() == 1012
        assert socket.connection.close_reason == written


async def test_a_stream_ends_with_where_it_stood(client: Client, program: Program) -> None:
    headers = {"accept": "text/event-stream"}
    asked = client.http.stream("POST", "/graphql", json={"query": LISTEN}, headers=headers)
    async with asyncio.timeout(10), asked as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: next"
        await program.connections.drain(5)
        said = [json.loads(line[6:]) async for line in lines if line.startswith("data: {")]
    assert said[-1]["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


async def test_what_was_accepted_over_a_socket_is_answered_before_it_closes() -> None:
    store = SlowToWrite()
    async with (
        program_on(store) as program,
        client_of(program) as client,
        client.socket() as socket,
    ):
        await socket.subscribe(WRITE)
        await store.begun.wait()
        draining = asyncio.create_task(program.connections.drain(5))
        assert "createMemory" in await socket.next()
        assert await socket.closed() == 1012
        await draining


async def test_a_stop_waits_no_longer_than_it_may() -> None:
    class Stuck(MemoryStore):
        async def commit(self, *_: Any, **__: Any) -> Any:
            await asyncio.Event().wait()

    settings = Settings(stop_seconds=0.2)
    async with (
        program_on(Stuck(), settings) as program,
        client_of(program) as client,
        client.socket() as socket,
    ):
        await socket.subscribe(WRITE)
        await socket.say({"type": "ping"})
        await socket.hear()
        await program.connections.drain(0.2)
        assert await socket.closed() == 1012


async def test_nothing_new_is_taken_while_stopping(client: Client, program: Program) -> None:
    await program.connections.drain(0)
    for path in ("/graphql", "/health/ready"):
        refused = await client.http.get(path, params={"query": "{ position }"})
        code = refused.json()["errors"][0]["extensions"]["code"]
        assert (refused.status_code, code) == (503, "UNAVAILABLE")
        assert (await client.http.get("/health/live")).is_success


@pytest.mark.timeout(180)
async def test_a_signal_ends_the_process_in_order(tmp_path: Path) -> None:
    async with mnemos_serve(tmp_path) as process:
        async with httpx.AsyncClient(base_url=f"http://{process.address}") as http:
            client = Client(process.address, http)
            async with client.socket() as socket:
                await socket.subscribe(LISTEN)
                await socket.next()
                written = (await client.ask(WRITE))["createMemory"]["position"]
                await socket.next()
                assert await process.end(signal.SIGTERM) == 0
                assert await socket.closed() == 1012
                missed = socket.connection.close_reason
        assert not (tmp_path / "mnemos.db-wal").exists(), "the file was not closed"
    async with (
        mnemos_serve(tmp_path) as again,
        httpx.AsyncClient(base_url=f"http://{again.address}") as http,
    ):
        page = await Client(again.address, http).ask(
            "query ($after: Cursor) { changes(after: $after) { position } }", after=missed
        )
    assert page["changes"]["position"] == written
