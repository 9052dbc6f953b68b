from __future__ import annotations

from typing import Any

import pytest

from tests.schema.asking import refusal
from tests.serving import Client

FIELDS = "id label value description limit readOnly version scope { userId } updatedAt"
PUT = f"""
mutation ($input: BlockInput!, $version: Int) {{
  putBlock(input: $input, expectedVersion: $version) {{ block {{ {FIELDS} }} position }}
}}
"""
DELETE = "mutation ($id: ID!) { deleteBlock(id: $id) { deletedCount } }"
PERSONA = {"label": "persona", "value": "Kind.", "scope": {"userId": "alice"}}


async def put(client: Client, **more: Any) -> dict[str, Any]:
    return dict((await client.ask(PUT, input=PERSONA | more))["putBlock"]["block"])


async def test_a_block_reads_back_as_it_was_put(client: Client) -> None:
    block = await put(client, description="Who you are.")
    read = f"query ($id: ID!) {{ block(id: $id) {{ {FIELDS} }} blocks {{ label }} }}"
    answer = await client.ask(read, id=block["id"])
    assert answer == {"block": block, "blocks": [{"label": "persona"}]}
    assert (block["limit"], block["readOnly"], block["version"]) == (2_000, False, 1)


async def test_a_block_is_replaced_by_its_label_in_its_scope(client: Client) -> None:
    first, again = await put(client), await put(client, value="Kind and brief.")
    other = await put(client, scope={"userId": "bob"})
    assert (again["id"], again["version"]) == (first["id"], 2)
    assert other["id"] != first["id"]
    document = '{ blocks(scope: {userId: "alice"}) { history { version value actor } } }'
    assert (await client.ask(document))["blocks"] == [
        {
            "history": [
                {"version": 2, "value": "Kind and brief.", "actor": "local"},
                {"version": 1, "value": "Kind.", "actor": "local"},
            ]
        }
    ]


async def test_blocks_are_read_as_they_were_known(client: Client) -> None:
    await put(client)
    (change,) = (await client.ask("{ changes { changes { at } } }"))["changes"]["changes"]
    await put(client, value="Kind and brief.")
    await put(client, label="later")
    document = "query ($at: DateTime) { blocks(knownAt: $at) { label value } }"
    then = await client.ask(document, at=change["at"])
    assert then == {"blocks": [{"label": "persona", "value": "Kind."}]}
    assert len((await client.ask(document))["blocks"]) == 2


async def test_a_deleted_block_is_gone(client: Client) -> None:
    block = await put(client)
    assert (await client.ask(DELETE, id=block["id"]))["deleteBlock"] == {"deletedCount": 1}
    assert await client.ask("{ blocks { id } }") == {"blocks": []}
    assert (await refusal(client, DELETE, id=block["id"]))[0] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("input", "version", "code"),
    [
        ({"label": ""}, None, "BAD_USER_INPUT"),
        ({"value": "x" * 2_001}, None, "LIMIT_EXCEEDED"),
        ({"limit": 0}, None, "BAD_USER_INPUT"),
        ({"value": "\0"}, None, "BAD_USER_INPUT"),
        ({}, 1, "CONFLICT"),
        ({"limit": 2**40}, None, "BAD_USER_INPUT"),
    ],
)
async def test_a_block_that_cannot_be_is_refused(
    client: Client, input: dict[str, Any], version: int | None, code: str
) -> None:
    assert (await refusal(client, PUT, input=PERSONA | input, version=version))[0] == code
    assert await client.ask("{ blocks { id } }") == {"blocks": []}


@pytest.mark.parametrize(("first", "code"), [(0, "BAD_USER_INPUT"), (101, "LIMIT_EXCEEDED")])
async def test_a_list_of_blocks_has_1_to_100(client: Client, first: int, code: str) -> None:
    document = "query ($first: Int!) { blocks(first: $first) { id } }"
    assert (await refusal(client, document, first=first))[0] == code


CONDENSE = "mutation ($id: ID!) { condenseBlock(id: $id) { block { value version } position } }"
RESTORE = """
mutation ($id: ID!, $version: Int) {
  restoreBlock(id: $id, version: $version) { block { value version } }
}
"""


async def test_a_full_block_is_condensed_and_restored(client: Client) -> None:
    value = "[pinned] Be kind\n" + "\n".join(f"Note {number}" for number in range(10))
    block = await put(client, value=value, limit=len(value))
    condensed = (await client.ask(CONDENSE, id=block["id"]))["condenseBlock"]["block"]
    assert condensed["value"].startswith("[pinned] Be kind\nNote ")
    assert condensed["value"].endswith("Note 9")
    assert len(condensed["value"]) <= 0.75 * len(value)
    restored = (await client.ask(RESTORE, id=block["id"], version=1))["restoreBlock"]["block"]
    assert restored == {"value": value, "version": 3}


async def test_what_is_too_long_is_condensed_where_that_is_asked_for(client: Client) -> None:
    too_long = PERSONA | {"value": "Tea\n" * 30 + "Coffee", "limit": 20}
    assert (await refusal(client, PUT, input=too_long))[0] == "LIMIT_EXCEEDED"
    assert (await put(client, **too_long, condense=True))["value"] == "Tea\nCoffee"


async def test_agents_of_one_user_share_what_is_put_without_an_agent(client: Client) -> None:
    await put(client, value="Shared by all.")
    await put(client, value="Only the cook's.", scope={"userId": "alice", "agentId": "cook"})
    document = """
    query ($agent: String) {
      context(input: { query: "who?", scope: { userId: "alice", agentId: $agent } }) {
        blocks { value }
      }
    }
    """
    for agent, values in [
        ("guide", ["Shared by all."]),
        ("cook", ["Only the cook's.", "Shared by all."]),
    ]:
        blocks = (await client.ask(document, agent=agent))["context"]["blocks"]
        assert sorted(each["value"] for each in blocks) == values
