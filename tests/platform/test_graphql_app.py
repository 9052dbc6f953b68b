from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.serving import Client

LISTEN = "subscription { changes { position } }"
TWO = "query A { position } query B { position }"
SUBSCRIBE = {"id": "1", "type": "subscribe", "payload": {"query": "{ position }"}}


def subscribe(**payload: Any) -> str:
    return json.dumps(SUBSCRIBE | {"payload": payload})


@pytest.mark.parametrize(
    "frame",
    [
        "[]",
        "null",
        '"ping"',
        "not JSON",
        "[" * 20_000,
        "{}",
        '{"type": []}',
        '{"type": "start"}',
        '{"type": "ping", "payload": []}',
        json.dumps(SUBSCRIBE | {"id": 1}),
        json.dumps(SUBSCRIBE | {"id": []}),
        json.dumps(SUBSCRIBE | {"payload": "query"}),
        subscribe(),
        subscribe(query=1),
        subscribe(query="{ position }", variables=[]),
        subscribe(query="{ position }", operationName=1),
        '{"type": "complete"}',
    ],
)
async def test_what_is_not_the_protocol_closes_its_own_socket(client: Client, frame: str) -> None:
    async with client.socket() as healthy, client.socket() as broken:
        await healthy.subscribe(LISTEN)
        await healthy.next()
        await broken.say(frame)
        assert await broken.closed() == 4400
        await healthy.say({"type": "ping"})
        assert await healthy.hear() == {"type": "pong"}


async def test_a_binary_frame_closes_its_socket(client: Client) -> None:
    async with client.socket() as socket:
        await socket.connection.send(b'{"type": "ping"}')
        assert await socket.closed() == 4400


async def test_a_payload_may_be_null(client: Client) -> None:
    async with client.socket() as socket:
        await socket.say({"type": "ping", "payload": None})
        assert await socket.hear() == {"type": "pong"}
        await socket.say(subscribe(query="{ viewer { actor } }", variables=None))
        assert await socket.next() == {"viewer": {"actor": "local"}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Query { position }", "BAD_USER_INPUT"),
        (TWO, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_bad_document_ends_only_its_own_operation(
    client: Client, query: str, code: str
) -> None:
    async with client.socket() as socket:
        await socket.subscribe(LISTEN, id="good")
        await socket.next()
        await socket.subscribe(query, id="bad")
        refused = await socket.hear()
        assert (refused["id"], refused["type"]) == ("bad", "error")
        assert refused["payload"][0]["extensions"]["code"] == code
        await socket.say({"type": "ping"})
        assert await socket.hear() == {"type": "pong"}


async def test_an_id_can_be_used_again_after_complete(client: Client) -> None:
    async with client.socket() as socket:
        for _ in range(2):
            await socket.subscribe(LISTEN)
            assert "changes" in await socket.next()
            await socket.say({"id": "1", "type": "complete"})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"query": "{ position }"}, 200, None),
        ({"query": "{ position"}, 400, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, 400, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($id: ID!) { memory(id: $id) { id } }"}, 400, "BAD_USER_INPUT"),
        ({"query": "{ changes(after: 1) { position } }"}, 400, "BAD_USER_INPUT"),
        ({"query": '{ changes(after: "x") { position } }'}, 200, "BAD_USER_INPUT"),
        ({"query": TWO}, 400, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": TWO, "operationName": "B"}, 200, None),
        ({"query": TWO, "operationName": "C"}, 400, "BAD_USER_INPUT"),
        ({"query": LISTEN}, 400, "BAD_USER_INPUT"),
        ({"variables": {}}, 400, "BAD_USER_INPUT"),
        ({"query": 1}, 400, "BAD_USER_INPUT"),
        ([], 400, "BAD_USER_INPUT"),
        ("text", 400, "BAD_USER_INPUT"),
    ],
)
async def test_every_answer_is_json_with_its_status_and_code(
    client: Client, body: Any, status: int, code: str | None
) -> None:
    response = await client.http.post("/graphql", json=body)
    answer: Mapping[str, Any] = response.json()
    assert response.status_code == status
    assert ("data" in answer) == (status == 200)
    assert [error["extensions"]["code"] for error in answer.get("errors", [])] == (
        [code] if code else []
    )


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 100_000, b'{"query": "\xff"}', b'{"query": "\\ud800"}']
)
async def test_a_body_that_is_no_json_is_refused(client: Client, body: bytes) -> None:
    response = await client.http.post(
        "/graphql", content=body, headers={"content-type": "application/json"}
    )
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_sockets_that_close_at_any_moment_disturb_nobody(client: Client) -> None:
    async def come_and_go() -> None:
        async with client.socket() as socket:
            await socket.subscribe(LISTEN)

    await asyncio.gather(*(come_and_go() for _ in range(20)))
    assert "position" in await client.ask("{ position }")


ACCEPTED = {
    "nothing named": ("*/*", 400, "application/json"),
    "JSON by name": ("application/json", 200, "application/json"),
    "what is newer": (
        "application/graphql-response+json",
        400,
        "application/graphql-response+json",
    ),
    "either": (
        "application/graphql-response+json, application/json;q=0.9",
        400,
        "application/graphql-response+json",
    ),
    "streams too": (
        "application/graphql-response+json, application/json, text/event-stream, multipart/mixed",
        400,
        "application/graphql-response+json",
    ),
}


@pytest.mark.parametrize("accept", ACCEPTED)
async def test_a_document_that_is_wrong_is_answered_as_its_client_reads(
    client: Client, accept: str
) -> None:
    header, status, kind = ACCEPTED[accept]
    response = await client.http.post(
        "/graphql", json={"query": "{ nothing }"}, headers={"accept": header}
    )
    assert response.status_code == status
    assert response.headers["content-type"] == kind
    assert response.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "data" not in response.json()


@pytest.mark.parametrize("stream", ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"])
async def test_whoever_takes_json_too_is_streamed_subscriptions_alone(
    client: Client, stream: str
) -> None:
    accept = {"accept": f"{stream}, application/json"}
    asked = await client.http.post("/graphql", json={"query": "{ position }"}, headers=accept)
    assert asked.headers["content-type"] == "application/json"
    async with client.http.stream(
        "POST", "/graphql", json={"query": LISTEN}, headers=accept
    ) as listened:
        assert listened.headers["content-type"].startswith(stream.partition(";")[0])
