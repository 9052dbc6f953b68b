from __future__ import annotations

from typing import Any

import pytest

from tests.schema.asking import create, refusal, state
from tests.serving import Client

HITS = """
  hits { score memory { text scope { userId } } explanation { signal rank score } }
  tookMs position degraded
"""
RECALL = f"query ($input: RecallInput!) {{ recall(input: $input) {{ {HITS} }} }}"
LIVE = f"subscription ($input: RecallInput!) {{ liveRecall(input: $input) {{ {HITS} }} }}"
CONTEXT = """
query ($input: ContextInput!) {
  context(input: $input) {
    text tokens tokenizer omitted position degraded
    hits { memory { text } } facts { statement } blocks { label }
  }
}
"""
PUT_BLOCK = """
mutation { putBlock(input: {label: "persona", value: "Be brief.", scope: {}}) { position } }
"""


def texts(recalled: Any) -> list[str]:
    return [hit["memory"]["text"] for hit in recalled["hits"]]


async def recall(client: Client, query: str, **input: Any) -> Any:
    return (await client.ask(RECALL, input={"query": query} | input))["recall"]


async def test_a_recall_sees_the_last_write_and_says_why(client: Client) -> None:
    await create(client, "The cat sleeps on the sofa.")
    await create(client, "Alice drinks green tea in the morning.")
    recalled = await recall(client, "What tea does Alice drink?", limit=1)
    (hit,) = recalled["hits"]
    assert hit["memory"]["text"] == "Alice drinks green tea in the morning."
    assert recalled["position"] == (await client.ask("{ position }"))["position"]
    shares = [each["score"] for each in hit["explanation"]]
    assert sum(shares) == pytest.approx(hit["score"])
    assert {each["signal"]: each["rank"] for each in hit["explanation"]}["TEXT"] == 1
    assert recalled["tookMs"] > 0


async def test_without_an_embedder_a_recall_says_what_is_missing(client: Client) -> None:
    await create(client, "Alice drinks green tea.")
    assert (await recall(client, "tea"))["degraded"] == ["VECTOR"]


async def test_a_recall_keeps_to_its_scope_and_filter(client: Client) -> None:
    await create(client, "Bob's tea", scope={"userId": "bob"})
    await create(client, "Alice's tea", scope={"userId": "alice"}, tags=["a"])
    await create(client, "everybody's tea")
    alice = {"userId": "alice"}
    assert set(texts(await recall(client, "tea", scope=alice))) == {
        "Alice's tea",
        "everybody's tea",
    }
    assert texts(await recall(client, "tea", scope=alice, filter={"tags": ["a"]})) == [
        "Alice's tea"
    ]


async def test_several_scopes_are_asked_at_once(client: Client) -> None:
    for user in ("ann", "bob", "carol"):
        await create(client, f"the tea of {user}", scope={"userId": user})
    scopes = [
        {"scope": {"userId": "ann"}, "weight": 0.1},
        {"scope": {"userId": "bob", "includeShared": False}},
    ]
    assert texts(await recall(client, "tea", scopes=scopes)) == ["the tea of bob", "the tea of ann"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"query": ""}, "BAD_USER_INPUT"),
        ({"query": "x" * 4_097}, "LIMIT_EXCEEDED"),
        ({"query": "a\0"}, "BAD_USER_INPUT"),
        ({"limit": 0}, "BAD_USER_INPUT"),
        ({"limit": -1}, "BAD_USER_INPUT"),
        ({"limit": 101}, "LIMIT_EXCEEDED"),
        ({"hops": 4}, "LIMIT_EXCEEDED"),
        ({"hops": -1}, "BAD_USER_INPUT"),
        ({"minScore": 2}, "BAD_USER_INPUT"),
        ({"strategy": "GUESS"}, "BAD_USER_INPUT"),
        ({"filter": {"asOf": "2026-01-01"}}, "BAD_USER_INPUT"),
        ({"scope": {"agentId": ""}}, "BAD_USER_INPUT"),
        ({"scopes": []}, "BAD_USER_INPUT"),
        ({"scopes": [{"scope": {}}], "scope": {}}, "BAD_USER_INPUT"),
        ({"scopes": [{"scope": {}, "weight": 0}]}, "BAD_USER_INPUT"),
        ({"scopes": [{"scope": {}, "weight": 101}]}, "LIMIT_EXCEEDED"),
        ({"scopes": [{"scope": {}}] * 17}, "LIMIT_EXCEEDED"),
    ],
)
async def test_a_question_beyond_its_limits_is_refused(
    client: Client, wrong: dict[str, Any], code: str
) -> None:
    assert (await refusal(client, RECALL, input={"query": "tea"} | wrong))[0] == code
    async with client.socket() as socket:
        await socket.subscribe(LIVE, input={"query": "tea"} | wrong)
        assert code in str(await socket.hear())


async def test_a_live_recall_answers_again_when_its_answer_changes(client: Client) -> None:
    await create(client, "Alice drinks tea.")
    async with client.socket() as socket:
        await socket.subscribe(LIVE, input={"query": "What does Alice drink?"})
        assert texts((await socket.next())["liveRecall"]) == ["Alice drinks tea."]
        await create(client, "Alice drinks coffee too.")
        again = (await socket.next())["liveRecall"]
    assert set(texts(again)) == {"Alice drinks tea.", "Alice drinks coffee too."}


async def test_a_context_keeps_to_its_budget(client: Client) -> None:
    for n in range(20):
        await create(client, f"Alice likes tea number {n} very much indeed.")
    await client.ask(PUT_BLOCK)
    composed = (
        await client.ask(CONTEXT, input={"query": "What tea does Alice like?", "tokenBudget": 100})
    )["context"]
    assert 0 < composed["tokens"] <= 100
    assert composed["blocks"] == [{"label": "persona"}]
    assert "Be brief." in composed["text"]
    assert composed["hits"]
    assert composed["omitted"] > 0
    assert all(hit["memory"]["text"] in composed["text"] for hit in composed["hits"])


@pytest.mark.parametrize("form", ["MARKDOWN", "XML", "JSON"])
async def test_a_context_has_the_facts_about_what_is_named(client: Client, form: str) -> None:
    await state(client, "Alice", "lives_in", "Lisbon")
    given = {"query": "Where does Alice live?", "format": form}
    composed = (await client.ask(CONTEXT, input=given))["context"]
    assert composed["facts"] == [{"statement": "Alice lives in Lisbon"}]
    assert "Lisbon" in composed["text"]
    without = (await client.ask(CONTEXT, input=given | {"includeFacts": False}))["context"]
    assert without["facts"] == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"tokenBudget": -1}, "BAD_USER_INPUT"),
        ({"tokenBudget": 32_001}, "LIMIT_EXCEEDED"),
        ({"query": " "}, "BAD_USER_INPUT"),
        ({"query": "x" * 4_097}, "LIMIT_EXCEEDED"),
        ({"tokenBudget": 2**40}, "BAD_USER_INPUT"),
    ],
)
async def test_a_context_beyond_its_limits_is_refused(
    client: Client, wrong: dict[str, Any], code: str
) -> None:
    assert (await refusal(client, CONTEXT, input={"query": "tea"} | wrong))[0] == code
