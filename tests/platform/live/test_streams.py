"""The same groups over server-sent events and multipart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from mnemos.live.payload import Payload
from mnemos.program import Program
from mnemos.streams import SharedStream
from mnemos_graph.model import START
from tests.platform.live.hearing import LISTEN, Telling, telling
from tests.serving import Client

WRITE = 'mutation { createMemory(input: {text: "a kite", scope: {}}) { position } }'
SSE = "text/event-stream"
MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
LIVE = 'subscription { liveRecall(input: {query: "kite"}) { hits { memory { text } } } }'


async def results(response: httpx.Response) -> AsyncIterator[Mapping[str, Any]]:
    """Yield the results of a stream, of either protocol."""
    async for line in response.aiter_lines():
        text = line.removeprefix("data: ")
        if text.startswith("{") and text != "{}":
            found = json.loads(text)
            yield found.get("payload", found)


@pytest.mark.parametrize("accept", [SSE, MULTIPART])
async def test_a_stream_tells_what_a_socket_is_told(client: Client, accept: str) -> None:
    asked = client.http.stream(
        "POST", "/graphql", json={"query": LISTEN}, headers={"accept": accept}
    )
    async with asyncio.timeout(10), asked as response, client.socket() as socket:
        streamed = results(response)
        start = await anext(streamed)
        await socket.subscribe(LISTEN)
        assert start["data"] == await socket.next()
        await client.ask(WRITE)
        told = await anext(streamed)
        assert told["data"] == await socket.next()
    assert told["data"]["changes"]["changes"] == [{"subject": {"text": "a kite"}}]


@pytest.mark.parametrize("accept", [SSE, MULTIPART])
async def test_a_stream_that_cannot_be_executed_says_why_and_ends(
    client: Client, accept: str
) -> None:
    body = {"query": LISTEN, "variables": {"after": "nonsense"}}
    asked = client.http.stream("POST", "/graphql", json=body, headers={"accept": accept})
    async with asyncio.timeout(10), asked as response:
        (told,) = [each async for each in results(response)]
    assert told["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_recall_that_is_asked_twice_is_told_to_both(client: Client) -> None:
    async with client.socket() as first, client.socket() as second:
        await first.subscribe(LIVE)
        assert (await first.next())["liveRecall"]["hits"] == []
        await client.ask(WRITE)
        await second.subscribe(LIVE)
        now = await second.next()
        assert now["liveRecall"]["hits"] == [{"memory": {"text": "a kite"}}]
        assert await first.next() == now


async def test_a_stop_tells_every_stream_where_it_stood(client: Client, program: Program) -> None:
    asked = client.http.stream("POST", "/graphql", json={"query": LISTEN}, headers={"accept": SSE})
    async with asyncio.timeout(10), asked as response:
        streamed = results(response)
        start = await anext(streamed)
        await program.connections.drain(5)
        last = [each async for each in streamed][-1]
    assert last["errors"][0]["extensions"] == {
        "code": "UNAVAILABLE",
        "retryable": True,
        "position": start["data"]["changes"]["position"],
    }


@pytest.fixture
async def told() -> AsyncIterator[Telling]:
    async with telling() as opened:
        yield opened


async def test_a_stream_that_is_not_read_lets_go_of_what_waits_and_says_so(told: Telling) -> None:
    stream = SharedStream(told.groups, None, most_bytes=1_000)
    for number in range(20):
        stream.take(Payload(b'"%d %b"' % (number, b"x" * 200)))
    assert (stream.gone, stream.position) == (True, START)
    assert not stream.roomy
    await asyncio.wait_for(stream.room(), 1)
