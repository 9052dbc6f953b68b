"""Who is let in, over HTTP and over WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from mnemos.door import Reach
from mnemos.program import Program
from mnemos.settings import Settings
from mnemos_graph.directory import Role
from mnemos_graph.errors import Unavailable
from mnemos_graph.identity import LOCAL, NewKey
from tests.conformance.memory_directory import MemoryDirectory
from tests.conformance.memory_store import MemoryStore
from tests.serving import TRANSPORT_WS, Client, Socket, client_of, program_on

WHO = {"query": "{ viewer { actor role permissions organizationId } }"}
WRITE = 'mutation { createMemory(input: {text: "x", scope: {}}) { position } }'
LISTEN = "subscription { changes { position } }"


@pytest.fixture
async def key(program: Program) -> NewKey:
    """A member's key. Once it is made, this is local mode no more."""
    return await program.keys.create(LOCAL.id, "laptop")


@pytest.fixture
async def alone() -> AsyncIterator[Client]:
    """A program that was reached from elsewhere before any key was made."""
    async with (
        program_on(MemoryStore(), reach=Reach.ANYWHERE) as program,
        client_of(program) as client,
    ):
        yield client


def bearer(secret: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {secret}"}


def code_of(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


async def begun(client: Client, payload: object = None, **headers: str) -> Socket:
    url = f"ws://{client.address}/graphql"
    opened = await connect(url, subprotocols=[TRANSPORT_WS], additional_headers=headers)
    socket = Socket(opened)
    await socket.say({"type": "connection_init", "payload": payload})
    return socket


async def test_in_local_mode_whoever_asks_is_the_admin(client: Client) -> None:
    answer = (await client.http.post("/graphql", json=WHO)).json()["data"]["viewer"]
    assert answer == {
        "actor": "local",
        "role": "admin",
        "permissions": ["read", "write", "reveal", "admin"],
        "organizationId": "local",
    }


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]", "[::1]:9"])
async def test_in_local_mode_this_machines_names_are_answered(client: Client, host: str) -> None:
    assert (await client.http.post("/graphql", json=WHO, headers={"host": host})).is_success


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil@localhost",
        "",
        "::1",
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/health", "/"])
async def test_in_local_mode_a_name_that_was_made_to_point_here_is_refused(
    client: Client, host: str, path: str
) -> None:
    refused = await client.http.get(path, headers={"host": host})
    assert (refused.status_code, code_of(refused)) == (403, "FORBIDDEN")


async def test_in_local_mode_a_page_of_another_site_is_refused(client: Client) -> None:
    for origin in ("http://evil.example", "null", f"http://{client.address}0"):
        refused = await client.http.post("/graphql", json=WHO, headers={"origin": origin})
        assert (refused.status_code, code_of(refused)) == (403, "FORBIDDEN")
    own = {"origin": f"http://{client.address}"}
    assert (await client.http.post("/graphql", json=WHO, headers=own)).is_success


@pytest.mark.parametrize(
    ("origin", "host"), [("http://evil.example", None), (None, "evil.example"), ("null", None)]
)
async def test_in_local_mode_another_site_opens_no_socket(
    client: Client, origin: str | None, host: str | None
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(
            f"ws://{host or client.address}/graphql",
            host=client.address.split(":")[0],
            port=int(client.address.split(":")[1]),
            origin=Origin(origin) if origin else None,
            subprotocols=[TRANSPORT_WS],
        )
    assert refused.value.response.status_code == 403
    assert b"FORBIDDEN" in refused.value.response.body


async def test_the_page_of_this_site_opens_a_socket(client: Client) -> None:
    url, origin = f"ws://{client.address}/graphql", Origin(f"http://{client.address}")
    async with connect(url, origin=origin, subprotocols=[TRANSPORT_WS]) as opened:
        await opened.send('{"type": "connection_init"}')
        assert await opened.recv() == '{"type":"connection_ack"}'


async def test_with_a_key_made_there_is_no_local_mode(client: Client, key: NewKey) -> None:
    refused = await client.http.post("/graphql", json=WHO)
    assert (refused.status_code, code_of(refused)) == (401, "UNAUTHENTICATED")
    assert refused.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer {}"},
        {"authorization": "bearer  {}"},
        {"x-api-key": "{}"},
    ],
)
async def test_a_key_is_taken_from_either_header(
    client: Client, key: NewKey, headers: Mapping[str, str]
) -> None:
    given = {name: value.format(key.secret) for name, value in headers.items()}
    answer = await client.http.post("/graphql", json=WHO, headers={**given, "host": "any.example"})
    assert answer.json()["data"]["viewer"]["actor"] == f"key:{key.key.id}"


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer mnemos_" + "0" * 32},
        {"authorization": "Bearer"},
        {"authorization": "Basic bW5lbW9z"},
        {"x-api-key": "mnemos_"},
        {"x-api-key": "é"},
    ],
)
async def test_a_key_that_is_none_is_refused_in_local_mode_too(
    client: Client, headers: Mapping[str, str]
) -> None:
    encoded = {name.encode(): value.encode() for name, value in headers.items()}
    refused = await client.http.post("/graphql", json=WHO, headers=encoded)
    assert (refused.status_code, code_of(refused)) == (401, "UNAUTHENTICATED")


async def test_where_others_can_reach_it_there_is_no_local_mode(alone: Client) -> None:
    refused = await alone.http.post("/graphql", json=WHO)
    assert (refused.status_code, code_of(refused)) == (401, "UNAUTHENTICATED")
    socket = await begun(alone)
    assert await socket.closed() == 4403


@pytest.mark.parametrize(
    "payload",
    [
        {"authorization": "Bearer {}"},
        {"Authorization": "Bearer {}"},
        {"apiKey": "{}"},
        {"X-API-Key": "{}"},
    ],
)
async def test_a_socket_says_its_key_when_it_begins(
    client: Client, key: NewKey, payload: Mapping[str, str]
) -> None:
    given = {name: value.format(key.secret) for name, value in payload.items()}
    socket = await begun(client, given)
    assert (await socket.hear())["type"] == "connection_ack"
    await socket.subscribe("{ viewer { actor } }")
    assert await socket.next() == {"viewer": {"actor": f"key:{key.key.id}"}}
    await socket.connection.close()


async def test_a_socket_may_say_its_key_in_a_header(client: Client, key: NewKey) -> None:
    socket = await begun(client, None, **bearer(key.secret))
    assert (await socket.hear())["type"] == "connection_ack"
    await socket.connection.close()


@pytest.mark.parametrize("payload", [None, {}, {"authorization": "Bearer x"}, {"apiKey": 7}])
async def test_a_socket_without_a_key_is_closed(
    client: Client, key: NewKey, payload: object
) -> None:
    socket = await begun(client, payload)
    assert await socket.closed() == 4403
    assert "API key" in str(socket.connection.close_reason)


async def test_a_socket_that_nobody_can_look_at_now_may_come_again(
    client: Client, key: NewKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("The store is away. Try again.")

    monkeypatch.setattr(MemoryDirectory, "valid_key", away)
    socket = await begun(client, {"apiKey": key.secret})
    assert await socket.closed() == 1013
    assert "Try again" in str(socket.connection.close_reason)


async def test_a_reader_reads_and_does_not_write(client: Client, program: Program) -> None:
    headers = bearer((await program.keys.create(LOCAL.id, "screen", Role.READER)).secret)
    assert (await client.http.post("/graphql", json=WHO, headers=headers)).is_success
    refused = await client.http.post("/graphql", json={"query": WRITE}, headers=headers)
    assert code_of(refused) == "FORBIDDEN"


@pytest.mark.parametrize(
    "document",
    [
        "{ apiKeys { id } }",
        'mutation { createApiKey(name: "more") { secret } }',
        'mutation { revokeApiKey(id: "x") { id } }',
        'mutation { setTemplate(name: "brief", text: "x") { position } }',
        'mutation { deleteTemplate(name: "brief") { position } }',
        'mutation { setOntology(input: {instructions: "x"}) { position } }',
        "mutation { deleteOntology { position } }",
    ],
)
async def test_only_admins_see_and_make_keys_and_say_how_things_are_done(
    client: Client, key: NewKey, document: str
) -> None:
    asked: Any = {"json": {"query": document}, "headers": bearer(key.secret)}
    assert code_of(await client.http.post("/graphql", **asked)) == "FORBIDDEN"


async def test_an_admin_makes_a_key_that_opens_and_ends_it(client: Client) -> None:
    made = await client.ask(
        'mutation { createApiKey(name: "boss", role: ADMIN) { secret key { id role } } }'
    )
    headers = bearer(made["createApiKey"]["secret"])
    id_ = made["createApiKey"]["key"]["id"]

    async def ask(query: str) -> Any:
        return (await client.http.post("/graphql", json={"query": query}, headers=headers)).json()

    listed = (await ask("{ apiKeys { id name revokedAt } }"))["data"]["apiKeys"]
    assert listed == [{"id": id_, "name": "boss", "revokedAt": None}]
    ended = await ask(f'mutation {{ revokeApiKey(id: "{id_}") {{ revokedAt }} }}')
    assert ended["data"]["revokeApiKey"]["revokedAt"] is not None
    assert (await ask("{ viewer { actor } }"))["errors"][0]["extensions"][
        "code"
    ] == "UNAUTHENTICATED"


async def test_a_revoked_key_closes_what_it_had_opened_and_nothing_else(
    client: Client, program: Program, key: NewKey
) -> None:
    other = await program.keys.create(LOCAL.id, "phone")
    ending, staying = [await begun(client, {"apiKey": each.secret}) for each in (key, other)]
    for socket in (ending, staying):
        await socket.hear()
        await socket.subscribe(LISTEN)
        await socket.next()
    await program.keys.revoke(LOCAL.id, key.key.id)
    async with asyncio.timeout(5):
        assert await ending.closed() == 4403
    await staying.say({"type": "ping"})
    assert await staying.hear() == {"type": "pong"}
    await staying.connection.close()


async def test_local_mode_ends_for_open_sockets_too(client: Client, program: Program) -> None:
    async with client.socket() as socket:
        await program.keys.create(LOCAL.id, "first")
        async with asyncio.timeout(5):
            assert await socket.closed() == 4403


async def test_a_revoked_key_ends_a_stream(client: Client, program: Program, key: NewKey) -> None:
    headers = {**bearer(key.secret), "accept": "text/event-stream"}
    asked = client.http.stream("POST", "/graphql", json={"query": LISTEN}, headers=headers)
    async with asyncio.timeout(5), asked as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: next"
        await program.keys.revoke(LOCAL.id, key.key.id)
        rest = [line async for line in lines]
    assert any("UNAUTHENTICATED" in line for line in rest)


async def test_a_key_is_refused_when_it_asks_too_often() -> None:
    async with program_on(MemoryStore(), Settings(key_rate=3)) as program:
        headers = bearer((await program.keys.create(LOCAL.id, "busy")).secret)
        async with client_of(program) as client:
            asked = [client.http.post("/graphql", json=WHO, headers=headers) for _ in range(20)]
            refused = [each for each in await asyncio.gather(*asked) if not each.is_success]
    assert refused
    assert {(each.status_code, code_of(each)) for each in refused} == {(429, "RATE_LIMITED")}
    assert refused[0].headers["retry-after"] == "1"


async def test_whoever_guesses_keys_is_slowed_down(client: Client, key: NewKey) -> None:
    asked = [client.http.post("/graphql", json=WHO, headers=bearer("x")) for _ in range(60)]
    statuses = {each.status_code for each in await asyncio.gather(*asked)}
    assert statuses == {401, 429}
    assert (await client.http.post("/graphql", json=WHO, headers=bearer(key.secret))).is_success


async def test_an_operation_of_a_socket_counts_as_a_request() -> None:
    async with program_on(MemoryStore(), Settings(key_rate=3)) as program:
        key = await program.keys.create(LOCAL.id, "busy")
        async with client_of(program) as client:
            socket = await begun(client, {"apiKey": key.secret})
            await socket.hear()
            for n in range(10):
                await socket.subscribe("{ viewer { actor } }", id=str(n))
            said = [await socket.hear() for _ in range(10)]
            await socket.connection.close()
    codes = [each["payload"][0]["extensions"]["code"] for each in said if each["type"] == "error"]
    assert set(codes) == {"RATE_LIMITED"}
