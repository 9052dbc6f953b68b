"""Memories of each type, over the API."""

from __future__ import annotations

import httpx
import pytest

from mnemos_graph.directory import Role
from mnemos_graph.identity import LOCAL_CALLER
from mnemos_graph.store import GraphStore
from tests.schema.asking import CREATE, create, refusal
from tests.serving import Client, client_of, program_on

SECRET = {
    "type": "KNOWLEDGE_VAULT",
    "metadata": {"name": "Door code of the boathouse"},
    "scope": {"userId": "ana"},
}
MASK = "[secret: Door code of the boathouse]"
SEEN = """
query ($id: ID!) {
  memory(id: $id) { text secret history { text } }
  memories { edges { node { text } } }
  recall(input: { query: "door code of the boathouse" }) { hits { memory { text } } }
  context(input: { query: "door code of the boathouse" }) { text }
  changes { changes { subject { ... on Memory { text } } } }
}
"""
UPDATE = """
mutation ($id: ID!, $text: String) {
  updateMemory(id: $id, input: { text: $text }) { memory { text secret } }
}
"""
RECALL = """
query ($scope: ScopeInput, $since: Cursor) {
  recall(input: { query: "boats", scope: $scope }) { hits { memory { text } } }
  whole: context(input: { query: "boats", scope: $scope }) { text }
  news: context(input: { query: "boats", scope: $scope, since: $since }) { text }
}
"""
BOATS = ("Ana draws boats now", "Ana sells boats")


async def test_a_secret_is_shown_by_its_name_and_its_value_only_where_it_is_asked_for(
    client: Client,
) -> None:
    written = await create(client, "Xyzzy4711", **SECRET)
    assert written["text"] == MASK
    await client.ask(UPDATE, id=written["id"], text="Xyzzy4712")
    answer = dict(await client.ask(SEEN, id=written["id"]))
    memory = answer.pop("memory")
    assert memory == {"text": MASK, "secret": "Xyzzy4712", "history": [{"text": MASK}] * 2}
    assert str(answer).count(MASK) == 5
    assert "Xyzzy" not in str(answer)


async def test_who_may_only_read_is_never_shown_a_secret(store: GraphStore) -> None:
    async with program_on(store) as program, client_of(program) as client:
        written = await create(client, "Xyzzy4711", **SECRET)
        key = await program.keys.create(LOCAL_CALLER.access.organization, "k", Role.READER)
        member = await program.keys.create(LOCAL_CALLER.access.organization, "m", Role.MEMBER)
        async with httpx.AsyncClient(base_url=client.http.base_url) as http:
            http.headers["Authorization"] = f"Bearer {key.secret}"
            answer = await Client(client.address, http).send(SEEN, id=written["id"])
            assert (await http.get("/export", params={"secrets": "true"})).status_code == 403
            exported = await http.get("/export")
            http.headers["Authorization"] = f"Bearer {member.secret}"
            allowed = await Client(client.address, http).ask(SEEN, id=written["id"])
            whole = await http.get("/export", params={"secrets": "true"})
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]
    assert (answer["data"]["memory"]["text"], answer["data"]["memory"]["secret"]) == (MASK, None)
    assert "Xyzzy" not in str(answer) + exported.text
    assert allowed["memory"]["secret"] == "Xyzzy4711"
    assert "Xyzzy4711" in whole.text


async def test_what_is_no_secret_has_none(client: Client) -> None:
    written = await create(client, "x")
    assert (await client.ask(SEEN, id=written["id"]))["memory"]["secret"] is None


@pytest.mark.parametrize(
    ("input", "hint"),
    [
        ({"type": "WORKING"}, "scope.sessionId"),
        ({"type": "KNOWLEDGE_VAULT"}, "metadata.name"),
        ({"type": "PROCEDURAL", "metadata": {"steps": "Open it"}}, "list of texts"),
    ],
)
async def test_a_type_asks_for_what_it_needs(
    client: Client, input: dict[str, object], hint: str
) -> None:
    code, message = await refusal(client, CREATE, input={"text": "x", "scope": {}} | input)
    assert code == "BAD_USER_INPUT"
    assert hint in message


async def test_what_a_session_has_at_hand_stays_in_it(client: Client) -> None:
    session = {"userId": "ana", "sessionId": "s1"}
    begin = (await client.ask("{ position }"))["position"]
    await create(client, BOATS[0], type="WORKING", scope=session)
    await create(client, BOATS[1], scope={"userId": "ana"})
    for scope, found in [
        ({"userId": "ana"}, [BOATS[1]]),
        (session, [BOATS[0]]),
        ({"userId": "ana", "sessionId": "s2"}, []),
    ]:
        answer = await client.ask(RECALL, scope=scope, since=begin)
        assert [each["memory"]["text"] for each in answer["recall"]["hits"]] == found
        for told in (answer["whole"]["text"], answer["news"]["text"]):
            assert [text for text in BOATS if text in told] == found
