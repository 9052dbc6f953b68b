from __future__ import annotations

from typing import Any

import pytest

from tests.schema.asking import VERBATIM, refusal, tell
from tests.serving import Client

EPISODE = """
query ($id: ID!) {
  episode(id: $id) { text speaker source occurredAt metadata memories { text tags } }
}
"""
RETRACT = "mutation ($id: ID!) { retractEpisode(id: $id) { deletedCount position } }"


async def test_verbatim_keeps_each_text_in_order(client: Client) -> None:
    told = await tell(client, "Tea, please.", "No, coffee.", tags=["kitchen"])
    assert [each["text"] for each in told["episodes"]] == ["Tea, please.", "No, coffee."]
    assert [(each["action"], each["memory"]["text"]) for each in told["decisions"]] == [
        ("ADD", "Tea, please."),
        ("ADD", "No, coffee."),
    ]
    assert told["pending"] is None
    assert told["position"] == (await client.ask("{ position }"))["position"]


async def test_an_episode_is_kept_as_it_came(client: Client) -> None:
    message = {"text": "Tea.", "speaker": "Alice", "occurredAt": "2026-01-31T10:00:00+01:00"}
    told = await tell(client, messages=[message], source="chat", metadata={"a": 1}, tags=["t"])
    read = (await client.ask(EPISODE, id=told["episodes"][0]["id"]))["episode"]
    assert read == {
        "text": "Tea.",
        "speaker": "Alice",
        "source": "chat",
        "occurredAt": "2026-01-31T09:00:00Z",
        "metadata": {"a": 1},
        "memories": [{"text": "Tea.", "tags": ["t"]}],
    }


async def test_the_same_key_is_told_once(client: Client) -> None:
    first = await tell(client, "Tea.", idempotencyKey="k")
    assert await tell(client, "Tea.", idempotencyKey="k") == first
    given = {"text": "Coffee.", "scope": {}, "idempotencyKey": "k", "infer": False}
    assert (await refusal(client, VERBATIM, input=given))[0] == "CONFLICT"


async def test_a_source_can_be_taken_back(client: Client) -> None:
    told = await tell(client, "Tea.")
    episode = told["episodes"][0]["id"]
    assert (await client.ask(RETRACT, id=episode))["retractEpisode"]["deletedCount"] >= 1
    assert (await client.ask("{ memories { totalCount } }"))["memories"]["totalCount"] == 0
    assert (await refusal(client, RETRACT, id=episode))[0] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("input", "code"),
    [
        ({}, "BAD_USER_INPUT"),
        ({"text": "a", "messages": [{"text": "b"}]}, "BAD_USER_INPUT"),
        ({"text": None, "messages": None}, "BAD_USER_INPUT"),
        ({"messages": []}, "BAD_USER_INPUT"),
        ({"messages": [{"text": "m"}] * 2_001}, "LIMIT_EXCEEDED"),
        ({"messages": [{"text": "ok"}, {"text": ""}]}, "BAD_USER_INPUT"),
        ({"text": "x" * 32_769}, "LIMIT_EXCEEDED"),
        ({"text": "a\0"}, "BAD_USER_INPUT"),
        ({"text": "a", "occurredAt": "today"}, "BAD_USER_INPUT"),
        ({"text": "a", "metadata": "x"}, "BAD_USER_INPUT"),
        ({"text": "a", "tags": ["x" * 65]}, "LIMIT_EXCEEDED"),
        ({"text": "a", "scope": {"userId": "\n"}}, "BAD_USER_INPUT"),
        ({"text": "a", "idempotencyKey": "k" * 257}, "LIMIT_EXCEEDED"),
    ],
)
async def test_what_cannot_be_taken_in_is_refused(
    client: Client, input: dict[str, Any], code: str
) -> None:
    given = {"scope": {}, "infer": False} | input
    assert (await refusal(client, VERBATIM, input=given))[0] == code
    assert (await client.ask("{ changes { changes { kind } } }"))["changes"]["changes"] == []


async def test_half_a_surrogate_pair_is_refused(client: Client) -> None:
    body = (
        b'{"query": "mutation ($t: String) { remember(input: {text: $t, scope: {}}) { position } }'
    )
    body += b'", "variables": {"t": "\\ud800"}}'
    headers = {"content-type": "application/json"}
    response = await client.http.post("/graphql", content=body, headers=headers)
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


DRY_RUN = """
mutation ($input: RememberInput!) {
  remember(input: $input) {
    episodes { id }
    decisions {
      action
      reason
      memory {
        text version episode { id } entities { name } facts { statement } supersededBy { id }
        history { version }
      }
    }
    pending { id }
    position
  }
}
"""


async def test_decisions_are_shown_before_they_are_taken(client: Client) -> None:
    given = {"text": "I live in Oslo.", "scope": {"userId": "ann"}}
    before = await client.ask("{ position }")
    shown = (await client.ask(DRY_RUN, input=given | {"dryRun": True}))["remember"]
    assert shown["episodes"] == []
    assert {"position": shown["position"]} == before == await client.ask("{ position }")
    told = (await client.ask(DRY_RUN, input=given))["remember"]
    assert [
        (each["action"], each["reason"], each["memory"]["text"]) for each in shown["decisions"]
    ] == [("ADD", "it is new", told["decisions"][0]["memory"]["text"])]
    assert await client.ask("{ position }") != before


async def test_decisions_about_many_are_not_shown_at_once(client: Client) -> None:
    many = "mutation ($inputs: [RememberInput!]!) { rememberMany(inputs: $inputs) { position } }"
    given = [{"text": "Tea.", "scope": {}, "dryRun": True}]
    code, message = await refusal(client, many, inputs=given)
    assert code == "BAD_USER_INPUT"
    assert "dryRun" in message
