from __future__ import annotations

from typing import Any

import pytest

from tests.serving import Client

FIELDS = """
  id type level text importance tags metadata version validFrom validTo expiresAt pinned
  scope { organizationId userId agentId sessionId }
"""
CREATE = f"""
mutation ($input: CreateMemoryInput!) {{
  createMemory(input: $input) {{ memory {{ {FIELDS} createdAt updatedAt }} position }}
}}
"""
READ = f"query ($id: ID!) {{ memory(id: $id) {{ {FIELDS} createdAt updatedAt }} }}"
WHOLE = {
    "text": "Ærlig talt: 東京 ☁",
    "type": "PROCEDURAL",
    "level": "STRATEGIC",
    "scope": {"userId": "alice", "agentId": "helper", "sessionId": "s1"},
    "importance": 0.75,
    "tags": ["travel", "work"],
    "metadata": {"project": "atlas", "big": 2**70, "nested": [{"deep": None}]},
    "validFrom": "2026-01-31T10:30:00+01:00",
    "expiresAt": "2027-01-01T00:00:00.25Z",
}


async def refusal(client: Client, **input: Any) -> tuple[str, str]:
    answer = await client.send(CREATE, input={"text": "x", "scope": {}} | input)
    (error,) = answer["errors"]
    return error["extensions"]["code"], error["message"]


async def test_a_memory_reads_back_as_it_was_written(client: Client) -> None:
    written = (await client.ask(CREATE, input=WHOLE))["createMemory"]["memory"]
    assert (await client.ask(READ, id=written["id"]))["memory"] == written
    given = {name: written[name] for name in WHOLE}
    assert given == WHOLE | {
        "scope": {"organizationId": "local", **WHOLE["scope"]},  # type: ignore[dict-item]
        "validFrom": "2026-01-31T09:30:00Z",
        "expiresAt": "2027-01-01T00:00:00.250000Z",
    }


async def test_what_is_left_out_has_its_default(client: Client) -> None:
    minimal = {"text": "Tea, not coffee.", "scope": {}}
    written = (await client.ask(CREATE, input=minimal))["createMemory"]["memory"]
    del written["id"], written["createdAt"], written["updatedAt"]
    assert written == {
        "type": "SEMANTIC",
        "level": "OPERATIONAL",
        "text": "Tea, not coffee.",
        "importance": 0.5,
        "tags": [],
        "metadata": {},
        "version": 1,
        "validFrom": None,
        "validTo": None,
        "expiresAt": None,
        "pinned": False,
        "scope": {"organizationId": "local", "userId": None, "agentId": None, "sessionId": None},
    }


async def test_null_is_as_good_as_left_out(client: Client) -> None:
    nulls = dict.fromkeys(("importance", "tags", "metadata", "validFrom", "expiresAt"))
    absent = {"text": "x", "scope": {"userId": None}}
    written = (await client.ask(CREATE, input=absent | nulls))["createMemory"]["memory"]
    assert (written["importance"], written["tags"], written["metadata"]) == (0.5, [], {})


async def test_a_write_stands_where_its_position_says(client: Client) -> None:
    written = (await client.ask(CREATE, input=WHOLE))["createMemory"]
    assert (await client.ask("{ position }"))["position"] == written["position"]


@pytest.mark.parametrize("id", ["0192f0c1-7a3b-7000-8000-000000000000", "", "no-uuid", "0" * 300])
async def test_an_unknown_memory_is_null(client: Client, id: str) -> None:
    assert await client.ask(READ, id=id) == {"memory": None}


@pytest.mark.parametrize(
    ("input", "code", "hint"),
    [
        ({"text": "  "}, "BAD_USER_INPUT", "Give some text"),
        ({"text": "é" * 16_385}, "LIMIT_EXCEEDED", "at most 32768"),
        ({"importance": 1.5}, "BAD_USER_INPUT", "from 0 to 1"),
        ({"metadata": []}, "BAD_USER_INPUT", "must be a JSON object"),
        ({"metadata": ""}, "BAD_USER_INPUT", "must be a JSON object"),
        ({"scope": {"userId": ""}}, "BAD_USER_INPUT", "userId is empty"),
        ({"tags": ["t"] * 2 + [str(n) for n in range(32)]}, "LIMIT_EXCEEDED", "33 tags"),
        ({"validFrom": "2026-01-31T09:30:00"}, "BAD_USER_INPUT", "has no offset"),
        ({"validFrom": "yesterday"}, "BAD_USER_INPUT", "is not a DateTime"),
        ({"type": "semantic"}, "BAD_USER_INPUT", "MemoryType"),
    ],
)
async def test_what_cannot_be_kept_is_refused_with_its_reason(
    client: Client, input: dict[str, Any], code: str, hint: str
) -> None:
    told = await refusal(client, **input)
    assert told[0] == code
    assert hint in told[1]
    assert (await client.ask("{ changes { changes { kind } } }"))["changes"]["changes"] == []


async def test_the_viewer_sees_who_they_are(client: Client) -> None:
    viewer = (await client.ask("{ viewer { organizationId actor role permissions } }"))["viewer"]
    assert viewer["organizationId"] == "local"
    assert viewer["actor"] == "local"
    assert viewer["role"] == "admin"
