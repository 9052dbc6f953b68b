"""An organization says what it wants noted, and nothing else is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.schema.asking import refusal
from tests.serving import Client

SET = """mutation ($input: OntologyInput!, $version: Int) {
  setOntology(input: $input, expectedVersion: $version) {
    ontology {
      id instructions entityTypes { name description }
      factTypes { name description subjects objects } closed version
    } position
  }
}"""
ASK = "{ ontology { instructions version closed entityTypes { name } factTypes { name } } }"
DELETE = "mutation { deleteOntology { deletedCount position } }"
REMEMBER = """mutation ($input: RememberInput!) {
  remember(input: $input) { decisions { action reason memory { text } } }
}"""
FACTS = "query ($scope: ScopeInput) { facts(scope: $scope) { edges { node { predicate } } } }"
HOMES = {
    "factTypes": [{"name": "lives_in", "subjects": ["PERSON"], "objects": ["PLACE"]}],
    "closed": True,
}
SAID = "I live in Oslo. I work at Acme as a nurse."


async def told(client: Client, user: str, text: str = SAID) -> list[Mapping[str, Any]]:
    given = {"text": text, "scope": {"userId": user}}
    answer = await client.ask(REMEMBER, input=given)
    decisions: list[Mapping[str, Any]] = answer["remember"]["decisions"]
    return decisions


async def predicates(client: Client, user: str) -> set[str]:
    found = await client.ask(FACTS, scope={"userId": user})
    return {each["node"]["predicate"] for each in found["facts"]["edges"]}


async def test_an_ontology_is_kept_in_versions_and_read_again(client: Client) -> None:
    assert (await client.ask(ASK))["ontology"] is None
    ward = {"name": "WARD", "description": "Part of us."}
    lies = {"name": "lies_in", "subjects": ["PERSON"], "objects": ["WARD"]}
    new = {"instructions": "Note wards.", "entityTypes": [ward], "factTypes": [lies]}
    first = (await client.ask(SET, input=new, version=0))["setOntology"]["ontology"]
    assert (first["entityTypes"], first["version"]) == ([ward], 1)
    assert first["factTypes"] == [{**lies, "description": ""}]
    again = (await client.ask(SET, input=new))["setOntology"]["ontology"]
    assert again["version"] == 1
    second = (await client.ask(SET, input=HOMES))["setOntology"]["ontology"]
    assert (second["id"], second["version"], second["instructions"]) == (first["id"], 2, "")
    assert (await refusal(client, SET, input=new, version=1))[0] == "CONFLICT"
    assert (await client.ask(DELETE))["deleteOntology"]["deletedCount"] == 1
    assert (await client.ask(ASK))["ontology"] is None
    assert (await refusal(client, DELETE))[0] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("new", "where"),
    [
        ({"entityTypes": [{"name": "Ward"}]}, "entityTypes[0].name is 'Ward'. Write letters of "),
        ({"entityTypes": [{"name": "Clinical trial"}]}, ": CLINICAL_TRIAL."),
        ({"entityTypes": [{"name": "A"}, {"name": "A"}]}, "entityTypes[1].name is 'A', as is"),
        ({"factTypes": [{"name": "livesIn"}]}, "factTypes[0].name is 'livesIn'."),
        ({"factTypes": [{"name": "in", "subjects": ["WARD"]}]}, "factTypes[0].subjects[0] is 'WARD'"),
        ({"factTypes": [{"name": "in", "objects": ["x"]}]}, "factTypes[0].objects[0] is 'x'"),
        ({"closed": True}, "A closed ontology without types"),
        ({"instructions": "a\0b"}, "instructions has a NUL"),
        (
            {
                "closed": True,
                "entityTypes": [{"name": "WARD"}],
                "factTypes": [{"name": "in", "subjects": ["PERSON"]}],
            },
            "factTypes[0].subjects[0] is 'PERSON'",
        ),
    ],
)  # fmt: skip
async def test_what_is_malformed_is_refused_by_its_place(
    client: Client, new: Mapping[str, Any], where: str
) -> None:
    code, message = await refusal(client, SET, input=new)
    assert code == "BAD_USER_INPUT"
    assert where in message
    assert (await client.ask(ASK))["ontology"] is None


@pytest.mark.parametrize(
    "new",
    [
        {"instructions": "x" * 8_193},
        {"entityTypes": [{"name": f"A{n}"} for n in range(51)]},
        {"factTypes": [{"name": f"a{n}"} for n in range(101)]},
        {"entityTypes": [{"name": "A" * 65}]},
        {"entityTypes": [{"name": "A", "description": "x" * 501}]},
        {"factTypes": [{"name": "a", "subjects": ["PERSON"] * 21}]},
    ],
)
async def test_an_ontology_has_limits(client: Client, new: Mapping[str, Any]) -> None:
    assert (await refusal(client, SET, input=new))[0] == "LIMIT_EXCEEDED"


async def test_facts_that_a_closed_ontology_does_not_know_are_not_written(client: Client) -> None:
    await told(client, "before")
    assert {"lives_in", "works_at"} <= await predicates(client, "before")
    await client.ask(SET, input=HOMES)
    decisions = await told(client, "after")
    assert await predicates(client, "after") == {"lives_in"}
    assert [each["reason"] for each in decisions if "left out" in each["reason"]]
    assert any("Acme" in each["memory"]["text"] for each in decisions if each["memory"])


async def test_an_open_ontology_leaves_nothing_out(client: Client) -> None:
    await client.ask(SET, input={**HOMES, "closed": False})
    await told(client, "ann")
    assert {"lives_in", "works_at"} <= await predicates(client, "ann")
