"""Memories changed, deleted and restored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.schema.asking import CREATE, create, refusal, state
from tests.serving import Client

UPDATE = """
mutation ($id: ID!, $input: UpdateMemoryInput!, $version: Int) {
  updateMemory(id: $id, input: $input, expectedVersion: $version) {
    memory { text importance tags metadata validTo expiresAt version }
    position
  }
}
"""
DELETE = "mutation ($id: ID!) { deleteMemory(id: $id) { deletedCount position } }"
RESTORE = """
mutation ($id: ID!, $version: Int) {
  restoreMemory(id: $id, version: $version) { memory { text version } }
}
"""
DELETE_MANY = """
mutation ($scope: ScopeInput, $filter: MemoryFilter, $dryRun: Boolean! = false) {
  deleteMemories(scope: $scope, filter: $filter, dryRun: $dryRun) { deletedCount position }
}
"""
COUNT = "{ memories(filter: {includeSuperseded: true}) { totalCount } }"
FULL = {
    "importance": 0.9,
    "tags": ["a"],
    "metadata": {"k": 1},
    "expiresAt": "2100-01-01T00:00:00Z",
}


async def count(client: Client) -> int:
    return int((await client.ask(COUNT))["memories"]["totalCount"])


async def test_absent_keeps_and_null_clears(client: Client) -> None:
    written = await create(client, "x", **FULL)
    kept = (await client.ask(UPDATE, id=written["id"], input={"text": "y"}))["updateMemory"]
    assert kept["memory"] == {"text": "y", "validTo": None, "version": 2} | FULL
    nulls = dict.fromkeys(("tags", "metadata", "expiresAt", "validTo"))
    cleared = (await client.ask(UPDATE, id=written["id"], input=nulls))["updateMemory"]["memory"]
    assert (cleared["tags"], cleared["metadata"], cleared["expiresAt"]) == ([], {}, None)
    assert (cleared["text"], cleared["importance"]) == ("y", 0.9)


@pytest.mark.parametrize(
    ("input", "version", "code"),
    [
        ({"text": None}, None, "BAD_USER_INPUT"),
        ({"importance": None}, None, "BAD_USER_INPUT"),
        ({"text": ""}, None, "BAD_USER_INPUT"),
        ({"text": "a\0b"}, None, "BAD_USER_INPUT"),
        ({"text": "x" * 32_769}, None, "LIMIT_EXCEEDED"),
        ({"text": "y"}, 2, "CONFLICT"),
        ({"validTo": "2020-01-01T00:00:00Z"}, 7, "CONFLICT"),
    ],
)
async def test_an_update_that_cannot_be_is_refused(
    client: Client, input: dict[str, Any], version: int | None, code: str
) -> None:
    written = await create(client, "x")
    variables = {"id": written["id"], "input": input, "version": version}
    assert (await refusal(client, UPDATE, **variables))[0] == code
    read = await client.ask("{ memories { edges { node { text version } } } }")
    assert read["memories"]["edges"] == [{"node": {"text": "x", "version": 1}}]


async def test_a_deleted_memory_can_be_restored(client: Client) -> None:
    written = await create(client, "x")
    assert (await client.ask(DELETE, id=written["id"]))["deleteMemory"]["deletedCount"] == 1
    assert await count(client) == 0
    restored = (await client.ask(RESTORE, id=written["id"]))["restoreMemory"]["memory"]
    assert restored == {"text": "x", "version": 3}


async def test_an_earlier_version_can_be_made_current(client: Client) -> None:
    written = await create(client, "first")
    await client.ask(UPDATE, id=written["id"], input={"text": "second"})
    restored = await client.ask(RESTORE, id=written["id"], version=1)
    assert restored["restoreMemory"]["memory"] == {"text": "first", "version": 3}


@pytest.mark.parametrize(
    ("document", "more"), [(DELETE, {}), (RESTORE, {}), (UPDATE, {"input": {"text": "x"}})]
)
async def test_what_is_not_there_cannot_be_changed(
    client: Client, document: str, more: dict[str, Any]
) -> None:
    assert (await refusal(client, document, id="nothing", **more))[0] == "NOT_FOUND"


@pytest.mark.parametrize(
    "nothing",
    [
        {},
        {"scope": None, "filter": None},
        {"scope": {}, "filter": {}},
        {"scope": {"userId": None, "includeShared": False}},
        {"filter": {"types": [], "tags": None, "text": " ", "metadata": {}}},
        {"filter": {"minImportance": 0, "includeSuperseded": True}},
        {"dryRun": True},
    ],
)
async def test_deleting_everything_by_saying_nothing_is_refused(
    client: Client, nothing: dict[str, Any]
) -> None:
    await create(client, "x")
    assert (await refusal(client, DELETE_MANY, **nothing))[0] == "BAD_USER_INPUT"
    assert await count(client) == 1


async def test_deleting_reaches_all_that_matches(client: Client) -> None:
    for tag in ("a", "a", "b"):
        await create(client, "x", tags=[tag])
    tagged = {"tags": ["a"]}
    dry = (await client.ask(DELETE_MANY, filter=tagged, dryRun=True))["deleteMemories"]
    assert (dry["deletedCount"], await count(client)) == (2, 3)
    done = (await client.ask(DELETE_MANY, filter=tagged))["deleteMemories"]
    assert (done["deletedCount"], await count(client)) == (2, 1)
    assert done["position"] == (await client.ask("{ position }"))["position"]


async def test_the_same_key_creates_once(client: Client) -> None:
    given = {"text": "x", "scope": {}, "idempotencyKey": "k"}
    first = await client.ask(CREATE, input=given)
    assert await client.ask(CREATE, input=given) == first
    assert await count(client) == 1
    assert (await refusal(client, CREATE, input=given | {"text": "y"}))[0] == "CONFLICT"
    assert (await refusal(client, CREATE, input=given | {"idempotencyKey": ""}))[0] == (
        "BAD_USER_INPUT"
    )


async def test_a_memory_without_facts_or_source_has_none(client: Client) -> None:
    await state(client, "Alice", "likes", "tea")
    written = await create(client, "x")
    document = """
    query ($id: ID!) {
      memory(id: $id) { episode { id } entities { id } facts { id } supersededBy { id } }
    }
    """
    assert (await client.ask(document, id=written["id"]))["memory"] == {
        "episode": None,
        "entities": [],
        "facts": [],
        "supersededBy": None,
    }
