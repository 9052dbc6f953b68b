from __future__ import annotations

from typing import Any

import pytest

from tests.schema.asking import refusal, relate, state
from tests.serving import Client

ENTITIES = """
query ($text: String, $kinds: [String!], $first: Int! = 20, $after: String) {
  entities(text: $text, kinds: $kinds, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage endCursor }
    edges { cursor node { id name kind aliases facts { value } memories { id } } }
  }
}
"""
ENTITY = """
query ($id: ID!) {
  entity(id: $id) { id name aliases facts { predicate value } }
  node(id: $id) { __typename id ... on Entity { name } }
}
"""
MERGE = """
mutation ($into: ID!, $from: [ID!]!) {
  mergeEntities(into: $into, from: $from) {
    mergeId entity { id aliases facts { value } } merged { id } position
  }
}
"""
UNMERGE = "mutation ($id: ID!) { unmergeEntities(mergeId: $id) { merged { name } entity { id } } }"
SUBGRAPH = """
query ($around: [ID!]!, $hops: Int! = 1, $limit: Int! = 200, $asOf: DateTime) {
  subgraph(around: $around, hops: $hops, limit: $limit, asOf: $asOf) {
    entities { name } facts { predicate } truncated
  }
}
"""


async def named(client: Client, name: str) -> str:
    (edge,) = (await client.ask(ENTITIES, text=name))["entities"]["edges"]
    return str(edge["node"]["id"])


async def test_entities_are_found_by_name_and_kind(client: Client) -> None:
    await state(client, "Alice Meyer", "likes", "tea")
    await relate(client, "Bob", "knows", "Alice Meyer")
    found = (await client.ask(ENTITIES, text="alice", kinds=["person"]))["entities"]
    assert found["totalCount"] == 1
    assert [(edge["node"]["name"], edge["node"]["facts"]) for edge in found["edges"]] == [
        ("Alice Meyer", [{"value": "tea"}])
    ]
    assert (await client.ask(ENTITIES, kinds=["PLACE"]))["entities"]["edges"] == []


async def test_entities_are_read_as_they_were_known(client: Client) -> None:
    await state(client, "Alice", "likes", "tea")
    changes = (await client.ask("{ changes { changes { at } } }"))["changes"]["changes"]
    await state(client, "Alice", "likes", "milk")
    await state(client, "Bob", "likes", "tea")
    document = """
      query ($at: DateTime) {
        entities(knownAt: $at) { totalCount edges { node { name facts { value } } } }
      }
    """
    then = (await client.ask(document, at=changes[-1]["at"]))["entities"]
    assert then == {
        "totalCount": 1,
        "edges": [{"node": {"name": "Alice", "facts": [{"value": "tea"}]}}],
    }
    assert (await client.ask(document))["entities"]["totalCount"] == 2


async def test_a_merged_entity_is_read_as_the_one_that_stands_for_it(client: Client) -> None:
    await state(client, "Alice Meyer", "likes", "tea")
    await state(client, "Ally", "plays", "chess")
    into, other = await named(client, "Alice"), await named(client, "Ally")
    merged = (await client.ask(MERGE, into=into, **{"from": [other]}))["mergeEntities"]
    assert merged["merged"] == [{"id": other}]
    assert {each["value"] for each in merged["entity"]["facts"]} == {"tea", "chess"}
    read = await client.ask(ENTITY, id=other)
    assert read["entity"]["id"] == read["node"]["id"] == into
    assert {each["value"] for each in read["entity"]["facts"]} == {"tea", "chess"}
    assert "Ally" in read["entity"]["aliases"]


async def test_a_merge_can_be_taken_back(client: Client) -> None:
    await state(client, "Alice", "likes", "tea")
    await state(client, "Ally", "plays", "chess")
    into, other = await named(client, "Alice"), await named(client, "Ally")
    merged = (await client.ask(MERGE, into=into, **{"from": [other]}))["mergeEntities"]
    apart = (await client.ask(UNMERGE, id=merged["mergeId"]))["unmergeEntities"]
    assert apart == {"merged": [{"name": "Ally"}], "entity": {"id": into}}
    assert (await client.ask(ENTITY, id=other))["entity"]["facts"] == [
        {"predicate": "plays", "value": "chess"}
    ]
    assert (await refusal(client, UNMERGE, id=merged["mergeId"]))[0] == "NOT_FOUND"


async def test_a_subgraph_follows_facts_both_ways(client: Client) -> None:
    await relate(client, "Alice", "knows", "Bob")
    await relate(client, "Carol", "knows", "Bob")
    alice = await named(client, "Alice")
    near = (await client.ask(SUBGRAPH, around=[alice]))["subgraph"]
    far = (await client.ask(SUBGRAPH, around=[alice], hops=2))["subgraph"]
    assert [each["name"] for each in near["entities"]] == ["Alice", "Bob"]
    assert [each["name"] for each in far["entities"]] == ["Alice", "Bob", "Carol"]
    assert (len(far["facts"]), far["truncated"]) == (2, False)
    cut = (await client.ask(SUBGRAPH, around=[alice], hops=2, limit=2))["subgraph"]
    assert cut["truncated"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"hops": 4}, "LIMIT_EXCEEDED"),
        ({"hops": -1}, "BAD_USER_INPUT"),
        ({"limit": 501}, "LIMIT_EXCEEDED"),
        ({"limit": 0}, "BAD_USER_INPUT"),
        ({"around": []}, "BAD_USER_INPUT"),
        ({"around": ["x"] * 101}, "LIMIT_EXCEEDED"),
        ({"asOf": "now"}, "BAD_USER_INPUT"),
    ],
)
async def test_a_walk_beyond_its_limits_is_refused(
    client: Client, wrong: dict[str, Any], code: str
) -> None:
    given: dict[str, Any] = {"around": ["x"]}
    assert (await refusal(client, SUBGRAPH, **given | wrong))[0] == code


async def test_around_what_nobody_knows_there_is_nothing(client: Client) -> None:
    found = (await client.ask(SUBGRAPH, around=["nobody"]))["subgraph"]
    assert found == {"entities": [], "facts": [], "truncated": False}
