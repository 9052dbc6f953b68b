"""What is served keeps the contract that clients were given, all of it, and explains itself."""

import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, is_specified_scalar_type, validate_schema
from graphql.utilities import BreakingChangeType, find_breaking_changes

from mnemos_schema.schema import schema

CONTRACT = Path(__file__).parents[2] / "schema" / "contract"

ABSENCES = {
    BreakingChangeType.TYPE_REMOVED,
    BreakingChangeType.FIELD_REMOVED,
    BreakingChangeType.ARG_REMOVED,
    BreakingChangeType.VALUE_REMOVED_FROM_ENUM,
    BreakingChangeType.TYPE_REMOVED_FROM_UNION,
    BreakingChangeType.IMPLEMENTED_INTERFACE_REMOVED,
}
"""Changes that say only that something is missing, which the whole check is about."""

ASKS = "type Query { asks(scope: ScopeInput): Int }"
"""The least schema that takes an input."""

changed_defaults = runpy.run_path(str(CONTRACT / "check"))["changed_defaults"]


def broken_promises(contract: GraphQLSchema, served: GraphQLSchema) -> list[str]:
    """Say where something that both have is not what the contract promises."""
    found = [error.message for error in validate_schema(served)]
    found += [
        change.description
        for change in find_breaking_changes(contract, served)
        if change.type not in ABSENCES
    ]
    return found + list(changed_defaults(contract, served))


@pytest.fixture
def contract() -> GraphQLSchema:
    return build_schema((CONTRACT / "schema.graphql").read_text())


@pytest.fixture
def named_for_later() -> GraphQLSchema:
    """The contract with all that is to be added to it one day."""
    parts = ("schema.graphql", "later.graphql")
    return build_schema("\n".join((CONTRACT / part).read_text() for part in parts))


@pytest.fixture
def exported() -> str:
    return schema.as_str()


def test_what_is_served_is_as_promised(contract: GraphQLSchema, exported: str) -> None:
    assert broken_promises(contract, build_schema(exported)) == []


def test_what_was_added_since_is_as_it_was_named_for_later(
    named_for_later: GraphQLSchema, exported: str
) -> None:
    assert broken_promises(named_for_later, build_schema(exported)) == []


def test_all_of_the_contract_is_served(exported: str, tmp_path: Path) -> None:
    export = tmp_path / "schema.graphql"
    export.write_text(exported)
    checked = subprocess.run(
        [sys.executable, CONTRACT / "check", export], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_contract_is_a_part_of_itself(contract: GraphQLSchema) -> None:
    assert broken_promises(contract, contract) == []


def test_what_is_missing_is_no_broken_promise_by_itself(contract: GraphQLSchema) -> None:
    served = build_schema("type Query { node(id: ID!): Node } interface Node { id: ID! }")
    assert broken_promises(contract, served) == []


@pytest.mark.parametrize(
    ("served", "complaint"),
    [
        ("type Query { node(id: Int!): Node } interface Node { id: ID! }", "Query.node"),
        ("type Query { node(id: ID!): String }", "Query.node"),
        ("type Query { node(id: ID!, as: Int!): Node } interface Node { id: ID! }", "as"),
        ("type Query { scope: Scope } type Scope { organizationId: ID }", "organizationId"),
        (f"{ASKS} input ScopeInput {{ includeShared: Boolean! = false }}", "includeShared"),
        (f"{ASKS} input ScopeInput {{ userId: String, of: Int! }}", "of"),
    ],
    ids=["argument", "result", "new-argument", "nullable", "default", "new-input-field"],
)
def test_a_broken_promise_is_found(contract: GraphQLSchema, served: str, complaint: str) -> None:
    found = broken_promises(contract, build_schema(served))
    assert len(found) == 1
    assert complaint in found[0]


def undescribed(served: GraphQLSchema) -> Iterator[str]:
    """Name everything of ``served`` that says nothing about itself."""
    for name, kind in served.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(kind):
            continue
        parts: dict[str, Any] = {name: kind}
        for part, each in {**getattr(kind, "fields", {}), **getattr(kind, "values", {})}.items():
            parts[f"{name}.{part}"] = each
            for argument, value in getattr(each, "args", {}).items():
                parts[f"{name}.{part}({argument})"] = value
        yield from (path for path, part in parts.items() if not part.description)


def test_everything_says_what_it_is(exported: str) -> None:
    assert list(undescribed(build_schema(exported))) == []
