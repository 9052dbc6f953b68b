"""What is served keeps the contract that clients were given.

While the schema grows it may lack parts of the contract, and what it has must already be
compatible. Once it is whole, ``WHOLE`` asks for everything.
"""

import runpy
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, validate_schema
from graphql.utilities import BreakingChangeType, find_breaking_changes

WHOLE = True
"""Whether all of the contract is served."""

CONTRACT = Path(__file__).parents[2] / "schema" / "contract"
SERVED = "mnemos_schema.schema"

ABSENCES = {
    BreakingChangeType.TYPE_REMOVED,
    BreakingChangeType.FIELD_REMOVED,
    BreakingChangeType.ARG_REMOVED,
    BreakingChangeType.VALUE_REMOVED_FROM_ENUM,
    BreakingChangeType.TYPE_REMOVED_FROM_UNION,
    BreakingChangeType.IMPLEMENTED_INTERFACE_REMOVED,
}
"""Changes that say only that a part of the contract is not served yet."""

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
def exported() -> str:
    if find_spec(SERVED) is None:
        pytest.skip(f"{SERVED} does not exist yet")
    return str(import_module(SERVED).schema.as_str())


@pytest.mark.skipif(WHOLE, reason="all of the contract is checked")
def test_what_is_served_is_a_part_of_the_contract(contract: GraphQLSchema, exported: str) -> None:
    assert broken_promises(contract, build_schema(exported)) == []


@pytest.mark.skipif(not WHOLE, reason="the schema is not whole yet")
def test_all_of_the_contract_is_served(exported: str, tmp_path: Path) -> None:
    export = tmp_path / "schema.graphql"
    export.write_text(exported)
    checked = subprocess.run(
        [sys.executable, CONTRACT / "check", export], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_contract_is_a_part_of_itself(contract: GraphQLSchema) -> None:
    assert broken_promises(contract, contract) == []


def test_a_schema_may_lack_what_is_not_built_yet(contract: GraphQLSchema) -> None:
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
