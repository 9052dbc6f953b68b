"""What an operation costs, reckoned from its document."""

from __future__ import annotations

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse

from mnemos_schema.cost import Bill
from mnemos_schema.page_sizes import PageSizes
from mnemos_schema.schema import schema

MEMORY = "... on Memory { text type level }"
FACT = "... on Fact { id predicate }"
OF_MEMORY = "fragment M on Memory { text type level }"


def cost(document: str) -> int:
    definitions = parse(document).definitions
    (operation,) = [each for each in definitions if isinstance(each, OperationDefinitionNode)]
    fragments = {
        each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)
    }
    bill = Bill(schema._schema, fragments, PageSizes(operation, {}))
    bill.add(operation)
    return bill.cost


def query(*fields: str) -> str:
    return "{ " + " ".join(fields) + " }"


def change(subject: str, name: str = "changes", first: int = 10) -> str:
    return f"{name}: changes(first: {first}) {{ changes {{ subject {{ {subject} }} }} }}"


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        ("{ position }", 1),
        ("{ viewer { role } position }", 3),
        ("{ memories(first: 10) { edges { node { text } } } }", 1 + 1 + 10 + 10),
        (query(change(MEMORY)), 1 + 1 + 10 + 30),
        (query(change(MEMORY + FACT)), 1 + 1 + 10 + 30),
        (query(change("__typename " + MEMORY + FACT)), 1 + 1 + 10 + 10 + 30),
        (query(change("... { " + MEMORY + FACT + " }")), 1 + 1 + 10 + 30),
        (query(change("...M " + FACT)) + OF_MEMORY, 1 + 1 + 10 + 30),
        (query(change(MEMORY, "a"), change(FACT, "b")), 12 + 30 + 12 + 20),
        ("{ node(id: 1) { id ... on Memory { text } ... on Fact { id } } }", 1 + 1 + 1),
        ("{ node(id: 1) { ... on Node { id } ... on Memory { text } } }", 1 + 1 + 1),
    ],
)  # fmt: skip
def test_every_field_counts_as_often_as_it_may_be_answered(document: str, fields: int) -> None:
    assert cost(document) == fields


def test_what_stands_below_one_kind_counts_with_it() -> None:
    fact = "... on Fact { id object { name facts(first: 10) { id } } }"
    assert cost(query(change(MEMORY + fact))) == 1 + 1 + 10 + 10 * (1 + 1 + 1 + 1 + 10)
