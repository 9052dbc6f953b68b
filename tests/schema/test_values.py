"""What is no value of its type is told so, whether it stands in the document or in a variable."""

from __future__ import annotations

from typing import Any

import pytest

from tests.schema.asking import CREATE
from tests.serving import Client

REFUSALS = {"BAD_USER_INPUT", "LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED"}
LITERALS = [
    'memories(filter: {asOf: "yesterday"}) { totalCount }',
    'memories(filter: {asOf: "2026-01-31"}) { totalCount }',
    'memories(filter: {asOf: "2026-01-31T10:00:00"}) { totalCount }',
    'memories(filter: {asOf: "9999-12-31T23:59:59-23:00"}) { totalCount }',
    'memories(filter: {asOf: "0001-01-01T00:00:00+23:00"}) { totalCount }',
    "memories(filter: {asOf: 1}) { totalCount }",
    "memories(filter: {asOf: {}}) { totalCount }",
    f"memories(first: {'9' * 5_000}) {{ totalCount }}",
    f"memories(first: -{'9' * 5_000}) {{ totalCount }}",
    "memories(first: 99999999999) { totalCount }",
    "memories(first: 1.5) { totalCount }",
    f"memories(filter: {{minImportance: {'9' * 5_000}}}) {{ totalCount }}",
    "memories(filter: {minImportance: 1e999}) { totalCount }",
    f"memories(filter: {{metadata: {{a: {'9' * 5_000}}}}}) {{ totalCount }}",
    "memories(filter: {metadata: {a: 1e999}}) { totalCount }",
    'memories(filter: {text: "\\u0000"}) { totalCount }',
    'entities(text: "\\u0000") { totalCount }',
    'facts(predicate: "\\u0000") { totalCount }',
    'facts(predicate: "") { totalCount }',
    'memories(scope: {userId: "\\u0000"}) { totalCount }',
    'changes(after: "\\u0000") { hasMore }',
    "changes(after: 3) { hasMore }",
    'recall(input: {query: "x", minScore: 1e999}) { tookMs }',
]
VARIABLES: list[tuple[str, Any]] = [
    ("importance", 10**400),
    ("importance", "1"),
    ("importance", True),
    ("validFrom", 0),
    ("validFrom", ""),
    ("validFrom", "2026-13-01T00:00:00Z"),
    ("validFrom", "2026-01-31T09:30"),
    ("tags", 1),
    ("tags", [None]),
    ("tags", [""]),
    ("text", 1),
    ("text", None),
    ("metadata", {"a\0": 1}),
    ("metadata", {"a": "\0"}),
    ("metadata", {"a": [[[[[[[[[[1]]]]]]]]]]}),
    ("type", "semantic"),
    ("unknown", 1),
    ("scope", None),
    ("scope", {"organizationId": "other"}),
]


@pytest.mark.parametrize("field", LITERALS, ids=range(len(LITERALS)))
async def test_a_wrong_value_in_a_document_is_refused(client: Client, field: str) -> None:
    answer = await client.send(f"{{ {field} }}")
    assert {each["extensions"]["code"] for each in answer["errors"]} <= REFUSALS, answer
    assert all(each["message"] for each in answer["errors"])


@pytest.mark.parametrize(("name", "value"), VARIABLES)
async def test_a_wrong_value_in_a_variable_is_refused(
    client: Client, name: str, value: Any
) -> None:
    answer = await client.send(CREATE, input={"text": "x", "scope": {}, name: value})
    assert {each["extensions"]["code"] for each in answer["errors"]} <= REFUSALS, answer
    assert (await client.ask("{ changes { changes { kind } } }"))["changes"]["changes"] == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00Z"),
        ("2026-01-31T09:30:00z", "2026-01-31T09:30:00Z"),
        ("2026-01-31T10:30:00+01:00", "2026-01-31T09:30:00Z"),
        ("2026-01-30T21:30:00.5-12:00", "2026-01-31T09:30:00.500000Z"),
        ("2026-01-31T09:30:00.123456789Z", "2026-01-31T09:30:00.123456Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
async def test_an_instant_is_told_in_utc(client: Client, given: str, told: str) -> None:
    document = """
    mutation ($input: CreateMemoryInput!) { createMemory(input: $input) { memory { validFrom } } }
    """
    answer = await client.ask(document, input={"text": "x", "scope": {}, "validFrom": given})
    assert answer["createMemory"]["memory"]["validFrom"] == told
