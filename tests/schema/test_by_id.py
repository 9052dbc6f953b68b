"""One record by its id, seen from now or from another instant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.schema.asking import create, state
from tests.serving import Client

AT = "$asOf: DateTime, $knownAt: DateTime"
MOMENT = "asOf: $asOf, knownAt: $knownAt"
FACT = (
    f"query ($id: ID!, {AT}) {{ fact(id: $id, {MOMENT}) {{ value validTo closedBy {{ value }} }} }}"
)
MEMORY = f"query ($id: ID!, {AT}) {{ memory(id: $id, {MOMENT}) {{ text version }} }}"
ENTITY = f"query ($id: ID!, {AT}) {{ entity(id: $id, {MOMENT}) {{ name facts {{ value }} }} }}"
NODE = f"""query ($id: ID!, {AT}) {{ node(id: $id, {MOMENT}) {{
  ... on Fact {{ value }} ... on Memory {{ text }} ... on Entity {{ facts {{ value }} }}
}} }}"""
BLOCK = "query ($id: ID!, $knownAt: DateTime) { block(id: $id, knownAt: $knownAt) { value } }"
PUT = "mutation ($input: BlockInput!) { putBlock(input: $input) { block { id updatedAt } } }"
UPDATE = """
mutation ($id: ID!) { updateMemory(id: $id, input: {text: "tea is out"}) { memory { updatedAt } } }
"""
LOG = "{ changes { changes { at } } }"


async def last_change(client: Client) -> str:
    at: str = (await client.ask(LOG))["changes"]["changes"][-1]["at"]
    return at


@pytest.fixture
async def moved(client: Client) -> Mapping[str, Any]:
    """Someone lives in Lisbon from 2020 and in Porto from 2023; return who, and the first fact."""
    first = await state(client, "Ann", "lives_in", "Lisbon", validFrom="2020-01-01T00:00:00Z")
    known = await last_change(client)
    await state(client, "Ann", "lives_in", "Porto", validFrom="2023-01-01T00:00:00Z")
    return {"fact": first["fact"]["id"], "who": first["fact"]["subjectId"], "then": known}


async def test_a_fact_is_seen_as_of_an_instant_only_where_it_held_then(
    client: Client, moved: Mapping[str, Any]
) -> None:
    async def at(instant: str) -> Any:
        return (await client.ask(FACT, id=moved["fact"], asOf=instant))["fact"]

    assert await at("2019-06-01T00:00:00Z") is None
    assert (await at("2021-06-01T00:00:00Z"))["value"] == "Lisbon"
    assert await at("2024-06-01T00:00:00Z") is None


async def test_a_fact_is_seen_as_it_was_known_before_it_was_ended(
    client: Client, moved: Mapping[str, Any]
) -> None:
    now = (await client.ask(FACT, id=moved["fact"]))["fact"]
    assert now["validTo"] is not None
    assert now["closedBy"] == {"value": "Porto"}
    then = (await client.ask(FACT, id=moved["fact"], knownAt=moved["then"]))["fact"]
    assert then == {"value": "Lisbon", "validTo": None, "closedBy": None}


async def test_what_hangs_on_an_entity_is_seen_from_where_the_entity_is(
    client: Client, moved: Mapping[str, Any]
) -> None:
    async def values(query: str, name: str, **moment: str) -> list[str]:
        found = (await client.ask(query, id=moved["who"], **moment))[name]
        return [each["value"] for each in found["facts"]]

    for query, name in ((ENTITY, "entity"), (NODE, "node")):
        assert await values(query, name) == ["Porto"]
        assert await values(query, name, asOf="2021-06-01T00:00:00Z") == ["Lisbon"]
        assert await values(query, name, knownAt=moved["then"]) == ["Lisbon"]


async def test_a_memory_and_a_block_are_seen_as_they_were_known(client: Client) -> None:
    memory = await create(client, "tea is in the kitchen")
    block = {"label": "persona", "value": "Be kind.", "scope": {}}
    kept = (await client.ask(PUT, input=block))["putBlock"]["block"]
    then = await last_change(client)
    await client.ask(UPDATE, id=memory["id"])
    await client.ask(PUT, input=block | {"value": "Be brief."})
    for query in (MEMORY, NODE):
        name = "memory" if query is MEMORY else "node"
        found = (await client.ask(query, id=memory["id"], knownAt=then))[name]
        assert found["text"] == "tea is in the kitchen"
    assert (await client.ask(BLOCK, id=kept["id"], knownAt=then))["block"]["value"] == "Be kind."


async def test_what_was_not_known_yet_is_null(client: Client) -> None:
    memory = await create(client, "tea")
    before = "2020-01-01T00:00:00Z"
    assert (await client.ask(MEMORY, id=memory["id"], knownAt=before))["memory"] is None
    assert (await client.ask(NODE, id=memory["id"], knownAt=before))["node"] is None
