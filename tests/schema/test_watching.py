"""Standing watches through the front door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.schema.asking import create, state
from tests.serving import Client, Socket

PUT = """mutation ($input: BlockInput!) { putBlock(input: $input) { block { id } } }"""
WATCH = """subscription ($input: WatchInput!) { watch(input: $input) {
  memory { text } fact { statement } score position
} }"""


async def hit(socket: Socket) -> Mapping[str, Any]:
    """The next one that is not empty."""
    while True:
        told: Mapping[str, Any] = (await socket.next())["watch"]
        if told["memory"] or told["fact"]:
            return told


async def test_a_memory_near_a_text_is_told_with_its_score(client: Client) -> None:
    async with client.socket() as socket:
        await socket.subscribe(WATCH, input={"text": "What does Alice drink?", "minScore": 0.02})
        start = (await socket.next())["watch"]
        assert (start["memory"], start["fact"], start["score"]) == (None, None, None)
        await create(client, "Alice drinks tea.")
        told = await hit(socket)
    assert told["memory"] == {"text": "Alice drinks tea."}
    assert 0.02 <= told["score"] <= 1


async def test_it_goes_on_behind_the_position_that_the_request_carries(client: Client) -> None:
    stated = await state(client, "Mia", "likes", "tea")
    asked = {"entityId": stated["fact"]["subjectId"]}
    async with client.socket() as socket:
        await socket.subscribe(WATCH, input=asked)
        await socket.next()
        await state(client, "Mia", "likes", "jam")
        first = await hit(socket)
    await state(client, "Mia", "likes", "rain")
    async with client.socket() as socket:
        payload = {"query": WATCH, "variables": {"input": asked}}
        going_on = payload | {"extensions": {"after": first["position"]}}
        await socket.say({"type": "subscribe", "id": "1", "payload": going_on})
        second = await hit(socket)
    assert [each["fact"]["statement"] for each in (first, second)] == [
        "Mia likes jam",
        "Mia likes rain",
    ]
    assert first["score"] is None


async def test_what_contradicts_a_block_is_told(client: Client) -> None:
    core = {"label": "persona", "value": "Mia lives in Porto.", "scope": {}}
    block = (await client.ask(PUT, input=core))["putBlock"]["block"]["id"]
    async with client.socket() as socket:
        await socket.subscribe(WATCH, input={"blockId": block})
        await socket.next()
        await create(client, "Mia lives in Porto.")
        await create(client, "Mia lives in Lisbon.")
        assert (await hit(socket))["memory"] == {"text": "Mia lives in Lisbon."}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, "BAD_USER_INPUT"),
        ({"text": "tea", "blockId": "1"}, "BAD_USER_INPUT"),
        ({"text": "tea", "minScore": 2}, "BAD_USER_INPUT"),
        ({"text": "x" * 5_000}, "LIMIT_EXCEEDED"),
        ({"entityId": "1", "predicates": ["p"] * 51}, "LIMIT_EXCEEDED"),
        ({"entityId": "1"}, "NOT_FOUND"),
        ({"blockId": "1"}, "NOT_FOUND"),
    ],
)
async def test_a_watch_that_makes_no_sense_is_refused(
    client: Client, wrong: dict[str, Any], code: str
) -> None:
    async with client.socket() as socket:
        await socket.subscribe(WATCH, input=wrong)
        assert code in str(await socket.hear())
