"""What graphql-cop looks for, in a program that is set up for production: it finds nothing.

Each test is one of its twelve checks, sent as it sends them, by somebody who holds a key.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from mnemos.program import Program
from mnemos.settings import OnOff, Settings
from mnemos_graph.directory import Role
from mnemos_graph.identity import LOCAL
from tests.conformance.memory_store import MemoryStore
from tests.serving import Client, client_of, program_on

NAME = "query cop { __typename }"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PATHS = ("/graphql", "/", "/graphiql", "/playground", "/console", "/graphql/console", "/altair")


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    async with program_on(MemoryStore(), Settings(explore=OnOff.OFF)) as program:
        yield program


@pytest.fixture
async def client(program: Program) -> AsyncIterator[Client]:
    key = await program.keys.create(LOCAL.id, "cop", Role.ADMIN)
    async with client_of(program) as client:
        client.http.headers["authorization"] = f"Bearer {key.secret}"
        yield client


async def refused(client: Client, document: str) -> Mapping[str, Any]:
    """Return the error of a document that must not be executed."""
    answer = await client.send(document)
    assert answer.get("data") is None
    error: Mapping[str, Any] = answer["errors"][0]
    return error


async def test_aliases_cannot_be_piled_up(client: Client) -> None:
    aliases = " ".join(f"alias{n}: __typename" for n in range(101))
    document = f"query cop {{ {aliases} }}"
    assert (await refused(client, document))["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_operations_cannot_be_sent_in_batches(client: Client) -> None:
    response = await client.http.post("/graphql", json=[{"query": NAME}] * 10)
    assert response.status_code == 400


async def test_directives_cannot_be_piled_up(client: Client) -> None:
    error = await refused(client, "query cop { __typename %s }" % ("@aa" * 10))
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_the_schema_is_not_asked_in_circles(client: Client) -> None:
    fields = "fields { type { " * 4 + "name" + " } }" * 4
    error = await refused(client, f"query cop {{ __schema {{ types {{ {fields} }} }} }}")
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_a_field_cannot_be_selected_again_and_again(client: Client) -> None:
    error = await refused(client, "query cop { %s }" % ("__typename\n" * 500))
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    "document",
    [
        "query cop { viewe { role } }",
        "query cop { viewer { rol } }",
        "query cop { memories(firs: 1) { edges { cursor } } }",
        'query cop { recall(input: {quer: "x", scope: {}}) { tookMs } }',
        "query cop { memories(order: {by: RECEN}) { edges { cursor } } }",
    ],
)
async def test_no_names_are_suggested(client: Client, document: str) -> None:
    assert "Did you mean" not in str(await refused(client, document))


async def test_no_names_are_suggested_for_variables(client: Client) -> None:
    document = "query cop ($input: RecallInput!) { recall(input: $input) { tookMs } }"
    answer = await client.send(document, input={"quer": "x", "scope": {}})
    assert "Did you mean" not in str(answer["errors"])


@pytest.mark.parametrize("path", PATHS)
async def test_there_is_no_page_to_explore_with(client: Client, path: str) -> None:
    headers = {"accept": BROWSER}
    response = await client.http.get(path, headers=headers, follow_redirects=True)
    assert "html" not in response.headers.get("content-type", "")
    assert response.status_code >= 400


async def test_the_schema_is_not_shown(client: Client) -> None:
    error = await refused(client, "query cop { __schema { types { name fields { name } } } }")
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_a_query_is_not_taken_from_any_page_by_get(client: Client) -> None:
    for _ in range(2):
        response = await client.http.get("/graphql", params={"query": NAME})
        assert response.status_code == 400
        safe = {"graphql-require-preflight": "1"}
        asked = await client.http.get("/graphql", params={"query": NAME}, headers=safe)
        assert asked.json() == {"data": {"__typename": "Query"}}


async def test_a_mutation_is_not_taken_by_get(client: Client) -> None:
    for headers in ({}, {"graphql-require-preflight": "1"}):
        params = {"query": "mutation cop { __typename }"}
        response = await client.http.get("/graphql", params=params, headers=headers)
        assert response.status_code in {400, 405}
        assert "data" not in response.json()


async def test_a_form_is_not_taken(client: Client) -> None:
    response = await client.http.post("/graphql", data={"query": NAME})
    assert response.status_code == 415


async def test_nothing_is_traced(client: Client) -> None:
    answer = await client.send(NAME)
    assert "extensions" not in answer


async def test_what_breaks_is_not_shown(client: Client) -> None:
    response = await client.http.post("/graphql", content=b'{"query": "query cop {"}')
    assert "Traceback" not in response.text
    assert "File " not in response.text
