"""Contexts over the front door."""

from __future__ import annotations

from typing import Any

import pytest

from tests.schema.asking import create, refusal, state
from tests.serving import Client

CONTEXT = """
query ($input: ContextInput!) {
  context(input: $input) {
    text tokens omitted position
    hits { score memory { id text } } facts { statement validTo } blocks { label }
  }
}
"""
ANN = {"userId": "ann"}


async def context(client: Client, **input: Any) -> dict[str, Any]:
    given = {"query": "tea", "scope": ANN} | input
    answer: dict[str, Any] = (await client.ask(CONTEXT, input=given))["context"]
    return answer


async def test_what_changed_since_an_answer_is_asked_by_its_position(client: Client) -> None:
    await create(client, "Tea is in the kitchen", scope=ANN)
    kettle = await create(client, "The kettle is red", scope=ANN)
    first = await context(client)
    assert "kitchen" in first["text"]
    assert (await context(client, since=first["position"]))["text"] == ""
    await state(client, "Ann", "lives_in", "Porto", scope=ANN)
    await client.ask("mutation ($id: ID!) { deleteMemory(id: $id) { position } }", id=kettle["id"])
    news = await context(client, since=first["position"])
    assert [each["statement"] for each in news["facts"]] == ["Ann lives in Porto"]
    assert kettle["id"] in news["text"]
    assert "red" not in news["text"]
    assert "kitchen" not in news["text"]
    assert (await context(client, since=news["position"]))["text"] == ""


async def test_a_cursor_that_is_none_is_refused(client: Client) -> None:
    given = {"query": "tea", "since": "nonsense"}
    assert (await refusal(client, CONTEXT, input=given))[0] == "BAD_USER_INPUT"


@pytest.mark.parametrize("form", ["MARKDOWN", "XML", "JSON"])
async def test_contexts_about_different_things_begin_alike(client: Client, form: str) -> None:
    block = {"label": "persona", "value": "Be kind.", "scope": ANN}
    put = "mutation ($input: BlockInput!) { putBlock(input: $input) { position } }"
    await client.ask(put, input=block)
    await state(client, "Ann", "lives_in", "Porto", scope=ANN)
    await create(client, "Tea is in the kitchen", scope=ANN)
    await create(client, "The boat is red", scope=ANN)
    tea = await context(client, query="Where is the tea?", format=form, tokenBudget=150)
    boat = await context(client, query="What colour is the boat?", format=form, tokenBudget=150)
    begins = tea["text"][: tea["text"].index("Porto") + 5]
    assert "Be kind." in begins
    assert boat["text"].startswith(begins)


SET = """
mutation ($name: String!, $text: String!, $version: Int) {
  setTemplate(name: $name, text: $text, expectedVersion: $version) {
    template { id name text version } position
  }
}
"""
DELETE = "mutation ($name: String!) { deleteTemplate(name: $name) { deletedCount position } }"
LOG = """
{ changes {
  changes { subjectType kind subject { ... on Template { name text version } } }
} }
"""


async def test_a_context_is_written_by_a_template_of_the_organization(client: Client) -> None:
    await create(client, "Tea is in the kitchen", scope=ANN)
    source = "What Ann knows:\n{{#each memories}}\n* {{text}}\n{{/each}}"
    set_ = (await client.ask(SET, name="brief", text=source))["setTemplate"]
    told = await context(client, template="brief")
    assert told["text"] == "What Ann knows:\n* Tea is in the kitchen\n"
    assert [hit["memory"]["text"] for hit in told["hits"]] == ["Tea is in the kitchen"]
    assert (await client.ask("{ templates { name version } }"))["templates"] == [
        {"name": "brief", "version": 1}
    ]
    node = "query ($id: ID!) { node(id: $id) { ... on Template { text } } }"
    found = await client.ask(node, id=set_["template"]["id"])
    assert found["node"] == {"text": source}
    last = (await client.ask(LOG))["changes"]["changes"][-1]
    assert (last["subjectType"], last["subject"]["name"]) == ("TEMPLATE", "brief")
    assert (await client.ask(DELETE, name="brief"))["deleteTemplate"]["deletedCount"] == 1
    given = {"query": "tea", "template": "brief"}
    assert (await refusal(client, CONTEXT, input=given))[0] == "NOT_FOUND"


async def test_a_template_that_does_not_work_is_refused_with_its_line(client: Client) -> None:
    code, message = await refusal(client, SET, name="brief", text="Known:\n{{memoriez}}")
    assert code == "BAD_USER_INPUT"
    assert "Line 2" in message
    assert "memories" in message
    assert (await refusal(client, SET, name="brief", text="x" * 20_000))[0] == "LIMIT_EXCEEDED"
    await client.ask(SET, name="brief", text="x")
    again = {"name": "brief", "text": "y", "version": 0}
    assert (await refusal(client, SET, **again))[0] == "CONFLICT"


async def test_a_template_beyond_the_budget_is_refused(client: Client) -> None:
    await client.ask(SET, name="long", text="word " * 50)
    given = {"query": "tea", "template": "long", "tokenBudget": 20}
    code, message = await refusal(client, CONTEXT, input=given)
    assert code == "LIMIT_EXCEEDED"
    assert "tokenBudget" in message
