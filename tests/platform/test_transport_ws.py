"""graphql-transport-ws, message by message, in and out of order, and each way in which it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from mnemos.client import AsyncClient
from mnemos.client.results import Memory
from tests.serving import TRANSPORT_WS, Client, Socket

LISTEN = "subscription ($after: Cursor) { changes(after: $after) { position } }"
WRITE = 'mutation { createMemory(input: {text: "x", scope: {}}) { position } }'
INIT = {"type": "connection_init"}
ACK = {"type": "connection_ack"}
PING = {"type": "ping"}
PONG = {"type": "pong"}


def subscribe(id: str = "1", query: str = LISTEN) -> Mapping[str, Any]:
    return {"id": id, "type": "subscribe", "payload": {"query": query}}


@asynccontextmanager
async def fresh(client: Client) -> AsyncIterator[Socket]:
    """Open a socket on which nothing was said."""
    url = f"ws://{client.address}/graphql"
    async with connect(url, subprotocols=[TRANSPORT_WS], max_queue=4) as opened:
        yield Socket(opened)


@pytest.mark.parametrize("payload", [{}, {"payload": None}, {"payload": {"any": [1]}}])
async def test_an_init_is_acknowledged(client: Client, payload: Mapping[str, Any]) -> None:
    async with fresh(client) as socket:
        await socket.say({**INIT, **payload})
        assert await socket.hear() == ACK


async def test_a_ping_is_answered_before_and_after_the_init(client: Client) -> None:
    async with fresh(client) as socket:
        await socket.say({**PING, "payload": {"sent": 1}})
        assert await socket.hear() == PONG
        await socket.say(INIT)
        assert await socket.hear() == ACK
        await socket.say(PING)
        assert await socket.hear() == PONG


async def test_a_pong_that_nobody_asked_for_is_taken(client: Client) -> None:
    async with fresh(client) as socket:
        for message in (PONG, INIT, PONG, PING):
            await socket.say(message)
        assert [await socket.hear() for _ in range(2)] == [ACK, PONG]


@pytest.mark.parametrize(
    ("said", "code", "why"),
    [
        ([INIT, INIT], 4429, "Too many initialisation requests"),
        ([subscribe()], 4401, "Unauthorized"),
        ([PING, subscribe()], 4401, "Unauthorized"),
        ([INIT, subscribe(), subscribe()], 4409, "Subscriber for 1 already exists"),
        ([INIT, {"type": "connection_ack"}], 4400, "A message has a type"),
        ([INIT, {"id": "1", "type": "next", "payload": {}}], 4400, "A message has a type"),
        ([INIT, {"id": "1", "type": "error", "payload": []}], 4400, "A message has a type"),
        ([INIT, {"type": "subscribe", "payload": {"query": LISTEN}}], 4400, "needs an id"),
        ([INIT, {"id": "", "type": "complete"}], 4400, "needs an id"),
        ([{"type": "complete"}], 4400, "needs an id"),
        ([INIT, {"id": "1", "type": "subscribe"}], 4400, "needs a payload with a query"),
        (["nonsense"], 4400, "valid JSON"),
        ([INIT, "[]"], 4400, "A message is a JSON object"),
        ([{"type": "connection_init", "payload": 1}], 4400, "is a JSON object"),
    ],
)
async def test_what_is_out_of_order_or_no_message_closes_with_its_code(
    client: Client, said: list[Any], code: int, why: str
) -> None:
    async with fresh(client) as socket:
        for message in said:
            await socket.say(message)
        assert await socket.closed() == code
        assert why in str(socket.connection.close_reason)


async def test_a_complete_before_the_init_or_of_nothing_changes_nothing(client: Client) -> None:
    async with fresh(client) as socket:
        await socket.say({"id": "never", "type": "complete"})
        await socket.say(INIT)
        assert await socket.hear() == ACK
        await socket.say({"id": "never", "type": "complete"})
        await socket.say(PING)
        assert await socket.hear() == PONG


async def test_a_query_is_answered_by_one_next_and_a_complete(client: Client) -> None:
    async with client.socket() as socket:
        await socket.say(subscribe(query="{ viewer { actor } }"))
        told = [await socket.hear() for _ in range(2)]
    assert told == [
        {"id": "1", "type": "next", "payload": {"data": {"viewer": {"actor": "local"}}}},
        {"id": "1", "type": "complete"},
    ]


async def test_nothing_is_told_of_what_was_completed(client: Client) -> None:
    async with client.socket() as socket:
        await socket.subscribe(LISTEN, id="ended")
        await socket.next()
        await socket.subscribe(LISTEN, id="goes on")
        await socket.next()
        await socket.say({"id": "ended", "type": "complete"})
        await socket.say(PING)
        assert await socket.hear() == PONG
        await client.ask(WRITE)
        assert (await socket.hear())["id"] == "goes on"
        await socket.say(PING)
        assert await socket.hear() == PONG


async def test_an_id_is_free_as_soon_as_its_operation_has_ended(client: Client) -> None:
    async with client.socket() as socket:
        for query in ("{ position }", "{ nothing }", "subscription {", LISTEN):
            await socket.say(subscribe(query=query))
            while (await socket.hear())["type"] == "next" and query != LISTEN:
                pass
        await client.ask(WRITE)
        assert (await socket.hear())["type"] == "next"


@pytest.mark.parametrize("id", ["1", 'quoted "', "Ünïcode 🪁", "\\u0000", "x" * 1_000])
async def test_an_id_comes_back_as_it_was_given(client: Client, id: str) -> None:
    async with client.socket() as socket:
        await socket.subscribe(LISTEN, id=id)
        assert (await socket.hear())["id"] == id


async def test_a_subscription_that_cannot_be_executed_ends_with_an_error_alone(
    client: Client,
) -> None:
    async with client.socket() as socket:
        await socket.subscribe(LISTEN, id="healthy")
        await socket.next()
        await socket.subscribe(LISTEN, after="nonsense")
        refused = await socket.hear()
        await socket.say(PING)
        assert await socket.hear() == PONG
        await client.ask(WRITE)
        assert (await socket.hear())["id"] == "healthy"
    assert (refused["id"], refused["type"]) == ("1", "error")
    assert refused["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_messages_in_pieces_are_put_together(client: Client) -> None:
    async with fresh(client) as socket:
        text = json.dumps(INIT)
        await socket.connection.send([text[:5], text[5:]])
        assert await socket.hear() == ACK


async def test_what_is_told_may_be_longer_than_a_short_frame(client: Client) -> None:
    text = "x" * 30_000
    async with client.socket() as socket:
        await socket.subscribe(
            "subscription { changes { changes { subject { ... on Memory { text } } } } }"
        )
        await socket.next()
        await client.ask(
            "mutation ($t: String!) { createMemory(input: {text: $t, scope: {}}) { position } }",
            t=text,
        )
        (change,) = (await socket.next())["changes"]["changes"]
    assert change["subject"]["text"] == text


TELLS = """
subscription ($after: Cursor) {
  changes(after: $after) { position changes { subject { ... on Memory { text } } } }
}
"""
LONG = "mutation ($t: String!) { createMemory(input: {text: $t, scope: {}}) { position } }"


async def test_who_does_not_read_is_closed_with_where_it_stood_and_others_hear_all(
    client: Client,
) -> None:
    count = 300
    async with fresh(client) as deaf, client.socket() as healthy:
        await deaf.say(INIT)
        await deaf.hear()
        await deaf.subscribe(TELLS)
        heard = [(await deaf.next())["changes"]]
        deaf.connection.transport.pause_reading()
        await healthy.subscribe(TELLS)
        await healthy.next()
        for number in range(count):
            await client.ask(LONG, t=f"{number} {'x' * 30_000}")
            (change,) = (await healthy.next())["changes"]["changes"]
            assert change["subject"]["text"].startswith(f"{number} ")
        deaf.connection.transport.resume_reading()
        with suppress(ConnectionClosed):
            while True:
                heard.append((await deaf.next())["changes"])
        assert deaf.connection.close_code == 4429
        assert deaf.connection.close_reason == heard[-1]["position"]
        assert len(heard) < count


async def test_our_client_comes_back_after_it_was_too_slow(client: Client) -> None:
    async with AsyncClient(f"http://{client.address}") as mnemos:
        pages = mnemos.changes()
        await anext(pages)
        for number in range(300):
            await client.ask(LONG, t=f"{number} {'x' * 30_000}")
        numbers: list[int] = []
        async with asyncio.timeout(15):
            while len(numbers) < 300:
                page = await anext(pages)
                subjects = [each.subject for each in page.changes]
                numbers += [
                    int(each.text.split()[0]) for each in subjects if isinstance(each, Memory)
                ]
        await pages.aclose()
    assert numbers == list(range(300))
