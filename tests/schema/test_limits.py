"""One operation can ask for so much: what is beyond is refused before anything is executed."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import get_introspection_query

from mnemos_graph.identity import LOCAL_CALLER
from mnemos_schema.context import Context
from mnemos_schema.schema import schema
from tests.conformance.memory_store import MemoryStore
from tests.serving import Client, program_on

PAGE = "changes { position subjectId actor at subject { ... on Memory { text tags } } }"
DEEP = "... on Memory { episode { memories { episode { memories {"
CHAIN = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))

ATTACKS = {
    "wide pages": "{" + " ".join(f"p{n}: changes {{ {PAGE} }}" for n in range(40)) + "}",
    "aliases": "{" + " ".join(f"a{n}: position" for n in range(51)) + "}",
    "aliases in fragments": (
        "{" + "...F " * 9 + "} fragment F on Query { "
        + " ".join(f"a{n}: position" for n in range(6)) + "}"
    ),
    "the same again": "{" + "position " * 300 + "}",
    "the same in inline fragments": "{" + "... { position } " * 300 + "}",
    "tokens": "{" + "position " * 5_001 + "}",
    "brackets": "{a" * 1_000 + "}" * 1_000,
    "lists in an argument": "{ changes(after: " + "[" * 1_000 + "]" * 1_000 + ") { hasMore } }",
    "the schema again and again": (
        "{" + " ".join(f"a{n}: __schema {{ types {{ name }} }}" for n in range(5)) + "}"
    ),
    "fragments of fragments": f"{{ ...F0 }} {CHAIN} fragment F40 on Query {{ position }}",
    "depth": f"{{ changes {{ changes {{ subject {{ {DEEP * 3} id" + " }" * 19,
}  # fmt: skip


@pytest.fixture
def attack(request: pytest.FixtureRequest) -> str:
    return ATTACKS[request.param]


@pytest.mark.parametrize("attack", ATTACKS, indirect=True)
async def test_too_much_is_refused_before_it_is_executed(client: Client, attack: str) -> None:
    response = await client.http.post("/graphql", json={"query": attack})
    body = response.json()
    assert response.status_code == 400, body
    assert [each["extensions"]["code"] for each in body["errors"]] == ["LIMIT_EXCEEDED"]
    assert "data" not in body


@pytest.mark.parametrize("attack", ATTACKS, indirect=True)
async def test_a_socket_refuses_too_much_and_goes_on(client: Client, attack: str) -> None:
    async with client.socket() as socket:
        await socket.subscribe(attack, id="greedy")
        refused = await socket.hear()
        await socket.subscribe("{ position }", id="modest")
        answer = await socket.hear()
    assert (refused["id"], refused["type"]) == ("greedy", "error")
    assert refused["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert (answer["id"], answer["type"]) == ("modest", "next")


async def test_page_sizes_count_wherever_they_stand(client: Client) -> None:
    pages = " ".join(f"p{n}: changes(first: $first) {{ {PAGE} }}" for n in range(30))
    document = f"query ($first: Int! = 100) {{ {pages} }}"
    greedy = await client.send(document)
    modest = await client.send(document, first=10)
    assert greedy["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert len(modest["data"]) == 30


@pytest.mark.parametrize("cycle", ["...A", "changes { ...B }"])
async def test_a_fragment_within_itself_is_told_as_what_it_is(client: Client, cycle: str) -> None:
    inner = f"fragment A on Query {{ {cycle} }} fragment B on ChangePage {{ ...B hasMore }}"
    answer = await client.send(f"{{ ...A }} {inner}")
    codes = {each["extensions"]["code"] for each in answer["errors"]}
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}
    assert "Cannot spread fragment" in answer["errors"][0]["message"]


async def test_introspection_is_answered(client: Client) -> None:
    asked = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True
    )
    assert (await client.ask(asked))["__schema"]["queryType"]["name"] == "Query"


async def test_whoever_may_not_see_the_schema_still_asks_for_the_rest() -> None:
    async with program_on(MemoryStore()) as program:
        context = Context(LOCAL_CALLER, program.services, program.keys, introspection=False)

        async def ask(document: str) -> Any:
            return await schema.execute(document, context_value=context)

        (refused,) = (await ask("{ __schema { types { name } } }")).errors
        assert refused.extensions["code"] == "FORBIDDEN"
        assert (await ask("{ viewer { __typename role } }")).data == {
            "viewer": {"__typename": "Viewer", "role": "admin"}
        }
