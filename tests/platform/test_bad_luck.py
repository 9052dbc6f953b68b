"""What is wrong with a request is told to whoever sent it, and hurts nobody else."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from mnemos.settings import Settings
from mnemos.transport_ws import MOST_OPERATIONS
from mnemos_graph.model import Head
from tests.conformance.memory_store import MemoryStore
from tests.serving import TRANSPORT_WS, Client, Socket, client_of, program_on

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
ASK = {"query": "{ viewer { actor } }"}
LISTEN = "subscription { changes { position changes { subjectId } } }"
WRITE = 'mutation { createMemory(input: {text: "x", scope: {}}) { memory { id } } }'


def code_of(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


@pytest.fixture
async def healthy(client: Client) -> AsyncIterator[Socket]:
    """A subscriber that hears of a memory written after the test, or the test fails."""
    async with client.socket() as socket:
        await socket.subscribe(LISTEN)
        await socket.next()
        yield socket
        written = (await client.ask(WRITE))["createMemory"]["memory"]["id"]
        heard: list[str] = []
        async with asyncio.timeout(5):
            while written not in heard:
                page = (await socket.next())["changes"]["changes"]
                heard += [each["subjectId"] for each in page]


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*;q=0.5", JSON),
        (RESPONSE_JSON, RESPONSE_JSON),
        (f"{RESPONSE_JSON}, {JSON};q=0.9", RESPONSE_JSON),
        (f"{RESPONSE_JSON}; charset=utf-8", RESPONSE_JSON),
        ("text/html, */*;q=0.1", JSON),
    ],
)
@pytest.mark.parametrize(("query", "status"), [("{ viewer { actor } }", 200), ("{ nothing }", 400)])
async def test_the_answer_has_the_media_type_that_was_asked_for(
    client: Client, accept: str | None, given: str, query: str, status: int
) -> None:
    headers = {"accept": accept} if accept else {}
    answer = await client.http.post("/graphql", json={"query": query}, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, given)


async def test_who_would_rather_have_plain_json_is_answered_in_its_manner(client: Client) -> None:
    headers = {"accept": f"{RESPONSE_JSON};q=0.1, {JSON}"}
    answer = await client.http.post("/graphql", json={"query": "{ nothing }"}, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, JSON)


@pytest.mark.parametrize("accept", ["text/plain", "image/*", f"{JSON};q=0", "application/xml;q=x"])
async def test_what_cannot_be_given_is_refused(client: Client, accept: str) -> None:
    refused = await client.http.post("/graphql", json=ASK, headers={"accept": accept})
    assert (refused.status_code, code_of(refused)) == (406, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "multipart/form-data; boundary=x", f"{JSON}; charset=latin-1"]
)
async def test_what_is_not_sent_as_json_is_refused(client: Client, kind: str) -> None:
    body = json.dumps(ASK).encode()
    refused = await client.http.post("/graphql", content=body, headers={"content-type": kind})
    assert (refused.status_code, code_of(refused)) == (415, "BAD_USER_INPUT")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_another_method_is_refused(client: Client, method: str) -> None:
    refused = await client.http.request(method, "/graphql")
    assert (refused.status_code, code_of(refused)) == (405, "BAD_USER_INPUT")
    assert refused.headers["allow"] == "GET, POST"


async def test_a_query_may_be_asked_by_get(client: Client) -> None:
    params = {
        "query": "query ($n: Int!) { changes(first: $n) { hasMore } }",
        "variables": '{"n":1}',
    }
    answer = await client.http.get("/graphql", params=params)
    assert answer.json() == {"data": {"changes": {"hasMore": False}}}


async def test_a_mutation_is_not_carried_out_by_get(client: Client) -> None:
    refused = await client.http.get("/graphql", params={"query": WRITE})
    assert (refused.status_code, code_of(refused)) == (405, "BAD_USER_INPUT")
    assert (await client.ask("{ changes { changes { position } } }"))["changes"]["changes"] == []


@pytest.mark.parametrize(
    "params", [{}, {"query": ""}, {"query": "{ position }", "variables": "[" * 5_000}]
)
async def test_a_get_that_asks_nothing_is_refused(
    client: Client, params: Mapping[str, str]
) -> None:
    refused = await client.http.get("/graphql", params=params)
    assert refused.status_code == 400
    assert code_of(refused) in {"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED"}


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_body_that_is_too_large_is_refused(
    client: Client, healthy: Socket, *, streamed: bool
) -> None:
    body = json.dumps({"query": "{ position }", "variables": {"x": "y" * 1_048_576}}).encode()

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    refused = await client.http.post(
        "/graphql", content=in_pieces() if streamed else body, headers={"content-type": JSON}
    )
    assert (refused.status_code, code_of(refused)) == (413, "LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"[" * 100_000,
        b'{"query": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"query": "\xff"}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ position }", "variables": {"x": NaN}}',
        b'{"query": "{ position }", "variables": []}',
        b'{"query": "{ position }", "operationName": 1}',
        b'{"query": "{ position }", "extensions": "x"}',
    ],
    ids=range(12),
)
async def test_a_body_that_is_no_request_is_refused(
    client: Client, healthy: Socket, body: bytes
) -> None:
    refused = await client.http.post("/graphql", content=body, headers={"content-type": JSON})
    assert (refused.status_code, code_of(refused)) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("path", ["/nothing", "/graphql/", "/web/nothing.js", "/health/x", "/%00"])
async def test_a_path_with_nothing_behind_it_is_refused_in_json(client: Client, path: str) -> None:
    refused = await client.http.get(path)
    assert (refused.status_code, code_of(refused)) == (404, "NOT_FOUND")


async def test_every_answer_tells_browsers_to_be_careful(client: Client) -> None:
    for path in ("/graphql", "/nothing", "/health"):
        headers = (await client.http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers


class Breaks(MemoryStore):
    """A store with a defect, and words of its caller in its complaint."""

    async def heads(self, *_: Any, **__: Any) -> list[Head]:
        raise ValueError("her diary says: secret")


async def test_a_defect_shows_its_incident_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with program_on(Breaks()) as program, client_of(program) as client:
        answer = await client.send("{ position }")
        broken = answer["errors"][0]
        assert broken["extensions"]["code"] == "INTERNAL"
        assert broken["extensions"]["incident"] in broken["message"]
        assert broken["extensions"]["incident"] in caplog.text
        assert "secret" not in json.dumps(answer)
        refused = await client.http.post(
            "/graphql", json=ASK, headers={"mnemos-after": "AYvWiOgAAAABAAAAAAAAAAGcCfGT"}
        )
        assert (refused.status_code, code_of(refused)) == (500, "INTERNAL")
        assert "secret" not in refused.text


async def test_an_answer_is_not_older_than_the_position_asked_for(client: Client) -> None:
    position = (await client.ask("{ position }"))["position"]
    asked = {"json": ASK, "headers": {"mnemos-after": position}}
    assert (await client.http.post("/graphql", **asked)).is_success  # type: ignore[arg-type]
    refused = await client.http.post("/graphql", json=ASK, headers={"mnemos-after": "forged"})
    assert (refused.status_code, code_of(refused)) == (400, "BAD_USER_INPUT")
    async with client.socket() as socket:
        payload = {"query": "{ position }", "extensions": {"after": "forged"}}
        await socket.say({"id": "1", "type": "subscribe", "payload": payload})
        told = await socket.hear()
    assert told["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_query_that_is_only_named_by_its_hash_is_asked_for(client: Client) -> None:
    digest = hashlib.sha256(ASK["query"].encode()).hexdigest()
    hashed = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}
    refused = await client.http.post("/graphql", json=hashed)
    assert (refused.status_code, code_of(refused)) == (400, "PERSISTED_QUERY_NOT_FOUND")
    assert (await client.http.post("/graphql", json=ASK | hashed)).is_success


async def test_a_message_that_is_too_large_closes_its_socket(
    client: Client, healthy: Socket
) -> None:
    async with client.socket() as broken:
        await broken.say({"type": "ping", "payload": {"x": "y" * 70_000}})
        assert await broken.closed() == 1009


async def test_a_second_init_closes_its_socket(client: Client, healthy: Socket) -> None:
    async with client.socket() as broken:
        await broken.say({"type": "connection_init"})
        assert await broken.closed() == 4429


async def test_an_operation_before_the_init_closes_its_socket(
    client: Client, healthy: Socket
) -> None:
    url = f"ws://{client.address}/graphql"
    async with connect(url, subprotocols=[TRANSPORT_WS]) as opened:
        broken = Socket(opened)
        await broken.subscribe("{ position }")
        assert await broken.closed() == 4401


async def test_an_id_that_is_in_use_closes_its_socket(client: Client, healthy: Socket) -> None:
    async with client.socket() as broken:
        for _ in range(2):
            await broken.subscribe(LISTEN)
        assert await broken.closed() == 4409


async def test_a_socket_that_says_nothing_is_closed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnemos.graphql_app.INIT_SECONDS", 0.2)
    async with (
        program_on(MemoryStore()) as program,
        client_of(program) as hasty,
        connect(f"ws://{hasty.address}/graphql", subprotocols=[TRANSPORT_WS]) as silent,
    ):
        assert await Socket(silent).closed() == 4408


async def test_a_protocol_that_we_do_not_speak_closes_the_socket(client: Client) -> None:
    async with connect(f"ws://{client.address}/graphql") as opened:
        assert await Socket(opened).closed() == 4406


async def test_a_socket_has_so_many_operations_and_no_more(client: Client, healthy: Socket) -> None:
    async with client.socket() as greedy:
        for n in range(MOST_OPERATIONS + 1):
            await greedy.subscribe(LISTEN, id=str(n))
        said = [await greedy.hear() for _ in range(MOST_OPERATIONS + 1)]
        await greedy.say({"type": "ping"})
        assert await greedy.hear() == {"type": "pong"}
    refused = [each for each in said if each["type"] == "error"]
    assert [each["payload"][0]["extensions"]["code"] for each in refused] == ["LIMIT_EXCEEDED"]


async def test_a_subscriber_that_never_reads_holds_nobody_up(
    client: Client, healthy: Socket
) -> None:
    url = f"ws://{client.address}/graphql"
    opened = await connect(url, subprotocols=[TRANSPORT_WS])
    deaf = Socket(opened)
    await deaf.say({"type": "connection_init"})
    opened.transport.pause_reading()
    for n in range(50):
        await deaf.subscribe(LISTEN, id=str(n))
    for _ in range(100):
        await client.ask(WRITE)
    opened.transport.abort()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01",
        b"GET",
        b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{",
    ],
)
async def test_half_a_request_holds_nobody_up(client: Client, healthy: Socket, sent: bytes) -> None:
    host, port = client.address.split(":")
    with socket.create_connection((host, int(port))) as half:
        half.sendall(sent)
        await client.ask("{ position }")


async def test_who_leaves_in_the_middle_of_a_request_is_no_incident(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    host, port = client.address.split(":")
    with socket.create_connection((host, int(port))) as half:
        half.sendall(
            b"POST /graphql HTTP/1.1\r\nhost: localhost\r\n"
            b"content-type: application/json\r\ncontent-length: 9\r\n\r\n{"
        )
        await client.ask("{ position }")
    for _ in range(3):
        await client.ask("{ position }")
    assert "incident" not in caplog.text


@pytest.mark.parametrize(
    ("accept", "says"),
    [
        ("text/event-stream", "event: next"),
        ('multipart/mixed;boundary="graphql";subscriptionSpec=1.0', "--graphql"),
    ],
)
async def test_a_subscription_streams_over_http(client: Client, accept: str, says: str) -> None:
    asked = client.http.stream(
        "POST", "/graphql", json={"query": LISTEN}, headers={"accept": accept}
    )
    async with asyncio.timeout(10), asked as stream:
        assert stream.headers["content-type"].split(";")[0] == accept.split(";", maxsplit=1)[0]
        text = ""
        async for part in stream.aiter_text():
            text += part
            if '"changes":[]' in text:
                break
    assert says in text


class Slow(MemoryStore):
    """A store that takes its time with the heads."""

    async def heads(self, *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(0.3)
        return await super().heads(*args, **kwargs)


async def test_a_query_that_takes_too_long_is_stopped() -> None:
    settings = Settings(operation_seconds=0.05)
    async with program_on(Slow(), settings) as program, client_of(program) as client:
        refused = await client.http.post("/graphql", json={"query": "{ position }"})
        assert (refused.status_code, code_of(refused)) == (504, "TIMEOUT")
        assert "nothing was written" in refused.json()["errors"][0]["message"]
        async with client.socket() as socket:
            await socket.subscribe("{ position }")
            told = await socket.hear()
    errors = told["payload"] if told["type"] == "error" else told["payload"]["errors"]
    assert errors[0]["extensions"]["code"] == "TIMEOUT"


class SlowToWrite(MemoryStore):
    """A store whose disk takes its time."""

    async def commit(self, *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(0.5)
        return await super().commit(*args, **kwargs)


async def test_a_mutation_that_was_handed_over_is_answered_however_long_it_takes() -> None:
    settings = Settings(operation_seconds=0.2)
    async with program_on(SlowToWrite(), settings) as program, client_of(program) as client:
        answer = await client.ask(WRITE)
    assert answer["createMemory"]["memory"]["id"]
