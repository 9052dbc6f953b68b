"""The front door over a cache: what was read is not read again, and positions are waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from mnemos_graph.feed import cursor
from mnemos_graph.identity import LOCAL
from mnemos_graph.model import Position
from tests.conformance.memory_store import MemoryStore
from tests.graph.cache.processes import Counted, DeafBus
from tests.serving import Client, client_of, program_on

MEMORY = "query ($id: ID!) { memory(id: $id) { text version } }"
CREATE = """mutation {
  createMemory(input: {text: "Ann likes tea", scope: {}}) { memory { id } position }
}"""
UPDATE = """mutation ($id: ID!) {
  updateMemory(id: $id, input: {text: "Ann likes coffee"}) { memory { version } position }
}"""


@pytest.fixture
def stores() -> list[Any]:
    inner = MemoryStore()
    return [Counted(inner), Counted(inner)]


@pytest.fixture
async def workers(stores: list[Any]) -> AsyncIterator[list[Client]]:
    """Two programs over one store that do not hear each other's hints."""
    async with AsyncExitStack() as stack:
        programs = [
            await stack.enter_async_context(program_on(each, bus=DeafBus(), cache_bytes=10_000_000))
            for each in stores
        ]
        yield [await stack.enter_async_context(client_of(each)) for each in programs]


async def text_of(worker: Client, id_: str, after: str | None = None) -> Any:
    headers = {} if after is None else {"Mnemos-After": after}
    asked = {"query": MEMORY, "variables": {"id": id_}}
    answer = (await worker.http.post("/graphql", json=asked, headers=headers)).json()
    return answer["data"]["memory"]["text"] if "data" in answer else answer["errors"][0]


async def kept(worker: Client, store: Any, id_: str) -> None:
    """Ask until the answer takes no trip to the store."""
    async with asyncio.timeout(5):
        while True:
            store.calls.clear()
            await text_of(worker, id_)
            if not store.calls:
                return
            await asyncio.sleep(0.02)


async def test_a_memory_that_is_asked_for_again_takes_no_trip_to_the_store(
    workers: list[Client], stores: list[Any]
) -> None:
    created = (await workers[0].ask(CREATE))["createMemory"]
    await kept(workers[0], stores[0], created["memory"]["id"])


async def test_another_worker_answers_from_the_position_that_the_client_saw(
    workers: list[Client], stores: list[Any]
) -> None:
    id_ = (await workers[0].ask(CREATE))["createMemory"]["memory"]["id"]
    await kept(workers[1], stores[1], id_)
    told = (await workers[0].ask(UPDATE, id=id_))["updateMemory"]["position"]
    assert await text_of(workers[1], id_, after=told) == "Ann likes coffee"


async def test_over_a_socket_the_position_comes_with_the_operation(
    workers: list[Client], stores: list[Any]
) -> None:
    id_ = (await workers[0].ask(CREATE))["createMemory"]["memory"]["id"]
    await kept(workers[1], stores[1], id_)
    told = (await workers[0].ask(UPDATE, id=id_))["updateMemory"]["position"]
    payload = {"query": MEMORY, "variables": {"id": id_}, "extensions": {"after": told}}
    async with workers[1].socket() as socket:
        await socket.say({"id": "1", "type": "subscribe", "payload": payload})
        assert (await socket.next())["memory"]["text"] == "Ann likes coffee"


async def test_a_position_that_does_not_come_is_answered_with_unavailable(
    workers: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnemos_graph.cache.following.PATIENCE_SECONDS", 0.1)
    ahead = cursor.encode(LOCAL.id, 1, Position(1_000))
    refused = await text_of(workers[0], "any", after=ahead)
    assert refused["extensions"] == {"code": "UNAVAILABLE", "retryable": True}


class Scrubbed(MemoryStore):
    """Notes that its files were scrubbed."""

    def __init__(self) -> None:
        super().__init__()
        self.done = asyncio.Event()

    async def scrub(self) -> None:
        self.done.set()


async def test_who_is_forgotten_is_scrubbed_from_the_store_below() -> None:
    store = Scrubbed()
    async with program_on(store, cache_bytes=10_000_000) as program, client_of(program) as client:
        await client.ask('mutation { forgetUser(userId: "ann") { job { id } } }')
        await asyncio.wait_for(store.done.wait(), 5)
