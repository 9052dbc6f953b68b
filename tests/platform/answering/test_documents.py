"""Documents that are asked for by name."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from mnemos.documents import Documents, UnknownDocument
from mnemos.settings import Settings, SettingsError, YesNo
from mnemos_graph.errors import BadInput
from tests.conformance.memory_store import MemoryStore
from tests.platform.answering.desk import Desk, desk
from tests.serving import client_of, program_on

VIEWER = "query Viewer { viewer { actor } }"
OTHER = "{ viewer { role } }"


def named(text: str, **more: Any) -> dict[str, Any]:
    """Return a request that only names a document."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}} | more


async def post(at: Desk, body: dict[str, Any]) -> httpx.Response:
    return await at.http.post("/graphql", json=body)


def code(response: httpx.Response) -> tuple[str, str]:
    (error,) = response.json()["errors"]
    return error["message"], error["extensions"]["code"]


async def test_a_document_that_was_sent_once_is_asked_for_by_its_name() -> None:
    async with desk(MemoryStore()) as here:
        unknown = await post(here, named(VIEWER))
        assert code(unknown) == ("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        sent = await post(here, named(VIEWER, query=VIEWER))
        for _ in range(2):
            assert (await post(here, named(VIEWER))).json() == sent.json()
        assert here.counts.hits == 2


async def test_a_name_is_found_in_a_url_too() -> None:
    async with desk(MemoryStore()) as here:
        await post(here, named(VIEWER, query=VIEWER))
        params = {"extensions": json.dumps(named(VIEWER)["extensions"])}
        found = await here.http.get("/graphql", params=params)
        assert found.json()["data"]["viewer"]["actor"] == "local"
        assert found.headers["etag"]


async def test_a_name_that_is_not_the_documents_own_is_refused() -> None:
    async with desk(MemoryStore()) as here:
        await post(here, named(VIEWER, query=VIEWER))
        forged = await post(here, named(VIEWER, query=OTHER))
        assert (forged.status_code, code(forged)[1]) == (400, "BAD_USER_INPUT")
        assert (await post(here, named(VIEWER))).json()["data"]["viewer"] == {"actor": "local"}


async def test_an_extension_that_is_none_of_the_protocol_is_refused() -> None:
    async with desk(MemoryStore()) as here:
        for wrong in (7, {"version": 2, "sha256Hash": "0"}, {"version": 1}):
            body = {"query": VIEWER, "extensions": {"persistedQuery": wrong}}
            assert (await post(here, body)).status_code == 400


async def test_over_a_socket_documents_have_names_as_well() -> None:
    async with (
        program_on(MemoryStore()) as program,
        client_of(program) as client,
        client.socket() as socket,
    ):
        await socket.say({"id": "1", "type": "subscribe", "payload": named(VIEWER)})
        refused = await socket.hear()
        assert refused["payload"][0]["message"] == "PersistedQueryNotFound"
        full = named(VIEWER, query=VIEWER)
        await socket.say({"id": "2", "type": "subscribe", "payload": full})
        assert (await socket.next())["viewer"]["actor"] == "local"


@pytest.fixture
def listed(tmp_path: Path) -> Settings:
    path = tmp_path / "documents.json"
    operations = [{"id": "viewer-1", "name": "Viewer", "type": "query", "body": VIEWER}]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    path.write_text(json.dumps(manifest))
    return Settings(documents=str(path), documents_only=YesNo.YES)


async def test_a_listed_document_is_known_from_the_beginning(listed: Settings) -> None:
    name = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "viewer-1"}}}
    async with desk(MemoryStore(), settings=listed) as here:
        for _ in range(2):
            assert (await post(here, name)).json()["data"]["viewer"]["actor"] == "local"
        assert (await post(here, {"query": VIEWER})).is_success
        assert here.counts.hits == 2


async def test_where_only_listed_ones_are_answered_others_are_forbidden(listed: Settings) -> None:
    async with desk(MemoryStore(), settings=listed) as here:
        for body in ({"query": OTHER}, named(OTHER, query=OTHER), {"query": "{ __typename }"}):
            refused = await post(here, body)
            assert (refused.status_code, code(refused)[1]) == (403, "FORBIDDEN")
        assert code(await post(here, named(OTHER)))[1] == "PERSISTED_QUERY_NOT_FOUND"


async def test_over_a_socket_only_listed_ones_are_answered_too(listed: Settings) -> None:
    async with (
        program_on(MemoryStore(), listed) as program,
        client_of(program) as client,
        client.socket() as socket,
    ):
        await socket.subscribe("subscription { changes { position } }")
        told = await socket.hear()
    assert told["payload"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"operations": [{"id": "a"}]}', "null"])
def test_a_file_that_is_no_list_stops_the_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "documents.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match="MNEMOS_DOCUMENTS"):
        Documents.by(Settings(documents=str(path)))


def test_answering_only_what_is_listed_needs_a_list() -> None:
    with pytest.raises(SettingsError, match="MNEMOS_DOCUMENTS_ONLY"):
        Documents.by(Settings(documents_only=YesNo.YES))


def test_documents_that_clients_name_are_bounded() -> None:
    documents, texts = Documents(), [f"# {number}\n" + " " * 60_000 for number in range(100)]
    for text in texts:
        documents.text(text, named(text)["extensions"])
    assert documents.text(None, named(texts[-1])["extensions"]) == texts[-1]
    with pytest.raises(UnknownDocument):
        documents.text(None, named(texts[0])["extensions"])


def test_a_document_too_long_to_be_remembered_is_still_checked() -> None:
    long = " " * 70_000
    with pytest.raises(BadInput):
        Documents().text(long, named(VIEWER)["extensions"])


async def test_over_a_socket_a_request_without_a_document_is_no_request() -> None:
    async with (
        program_on(MemoryStore()) as program,
        client_of(program) as client,
        client.socket() as socket,
    ):
        payload = {"extensions": {"after": "x"}}
        await socket.say({"id": "1", "type": "subscribe", "payload": payload})
        assert await socket.closed() == 4400
