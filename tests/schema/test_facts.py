from __future__ import annotations

import pytest

from tests.schema.asking import REMEMBER_FACT, refusal, relate, state
from tests.serving import Client

FACTS = """
query ($subject: ID, $asOf: DateTime, $knownAt: DateTime, $invalid: Boolean! = false) {
  facts(subjectId: $subject, asOf: $asOf, knownAt: $knownAt, includeInvalid: $invalid) {
    totalCount
    edges { node {
      id value validTo invalidatedAt closedBy { value } subject { name facts { value } }
    } }
  }
}
"""


async def values(client: Client, **variables: object) -> list[str]:
    found = (await client.ask(FACTS, **variables))["facts"]["edges"]
    return [edge["node"]["value"] for edge in found]


async def moved(client: Client) -> tuple[str, str]:
    """Alice lived in Paris from 2020, and lives in Lisbon since 2024: return both facts' ids."""
    old = await state(client, "Alice", "lives_in", "Paris", validFrom="2020-01-01T00:00:00Z")
    new = await state(client, "Alice", "lives_in", "Lisbon", validFrom="2024-01-01T00:00:00Z")
    return old["fact"]["id"], new["fact"]["id"]


async def test_a_newer_value_ends_the_older(client: Client) -> None:
    await state(client, "Alice", "lives_in", "Paris", validFrom="2020-01-01T00:00:00Z")
    written = await state(client, "Alice", "lives_in", "Lisbon", validFrom="2024-01-01T00:00:00Z")
    (closed,) = written["closed"]
    assert (closed["value"], closed["validTo"]) == ("Paris", "2024-01-01T00:00:00Z")
    assert closed["closedBy"] == {"id": written["fact"]["id"]}
    assert written["fact"]["statement"] == "Alice lives in Lisbon"


async def test_the_older_value_still_answers_before(client: Client) -> None:
    await moved(client)
    assert await values(client) == ["Lisbon"]
    assert await values(client, asOf="2022-06-01T02:00:00+02:00") == ["Paris"]
    assert await values(client, invalid=True) == ["Paris", "Lisbon"]
    assert await values(client, asOf="2019-12-31T00:00:00Z") == []


async def test_one_moment_holds_for_everything_below(client: Client) -> None:
    await moved(client)
    for as_of, value in ((None, "Lisbon"), ("2022-06-01T00:00:00Z", "Paris")):
        (edge,) = (await client.ask(FACTS, asOf=as_of))["facts"]["edges"]
        assert edge["node"]["subject"] == {"name": "Alice", "facts": [{"value": value}]}


async def test_what_was_known_before_is_answered_as_it_was_known(client: Client) -> None:
    await state(client, "Alice", "lives_in", "Paris", validFrom="2020-01-01T00:00:00Z")
    log = (await client.ask("{ changes { changes { at } } }"))["changes"]["changes"]
    await state(client, "Alice", "lives_in", "Lisbon", validFrom="2024-01-01T00:00:00Z")
    (edge,) = (await client.ask(FACTS, knownAt=log[-1]["at"], invalid=True))["facts"]["edges"]
    assert edge["node"]["validTo"] is None
    assert edge["node"]["closedBy"] is None
    assert edge["node"]["subject"]["facts"] == [{"value": "Paris"}]


async def test_a_fact_that_was_never_so_gives_back_what_it_ended(client: Client) -> None:
    _, new = await moved(client)
    document = "mutation ($id: ID!) { invalidateFact(id: $id) { fact { invalidatedAt } } }"
    answer = await client.ask(document, id=new)
    assert answer["invalidateFact"]["fact"]["invalidatedAt"] is not None
    assert await values(client) == ["Paris"]


async def test_a_fact_can_end_by_itself(client: Client) -> None:
    _, new = await moved(client)
    document = """
    mutation ($id: ID!, $at: DateTime) { endFact(id: $id, at: $at) { fact { validTo } position } }
    """
    ended = (await client.ask(document, id=new, at="2025-01-01T00:00:00Z"))["endFact"]
    assert ended["fact"]["validTo"] == "2025-01-01T00:00:00Z"
    assert ended["position"] == (await client.ask("{ position }"))["position"]
    assert await values(client) == []


async def test_the_same_key_again_is_the_same_fact(client: Client) -> None:
    given = {"subject": {"name": "Bo"}, "predicate": "likes", "value": "tea", "scope": {}}
    first = await client.ask(REMEMBER_FACT, input=given, key="k")
    again = await client.ask(REMEMBER_FACT, input=given, key="k")
    assert again == first
    code, message = await refusal(client, REMEMBER_FACT, input=given | {"value": "x"}, key="k")
    assert code == "CONFLICT"
    assert "idempotencyKey" in message


async def test_a_fact_between_entities_has_both_ends(client: Client) -> None:
    written = await relate(client, "Alice", "married_to", "Bob")
    fact = written["fact"]
    assert (fact["subject"]["name"], fact["object"]["name"]) == ("Alice", "Bob")
    assert fact["value"] is None
    assert fact["subjectId"] == fact["subject"]["id"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"value": "x", "object": {"name": "B"}}, "BAD_USER_INPUT"),
        ({}, "BAD_USER_INPUT"),
        ({"value": "x", "confidence": 2}, "BAD_USER_INPUT"),
        ({"value": "x", "predicate": "  "}, "BAD_USER_INPUT"),
        ({"value": "x", "predicate": "p" * 70}, "LIMIT_EXCEEDED"),
        ({"value": "x" * 40_000}, "LIMIT_EXCEEDED"),
        ({"value": "x", "subject": {}}, "BAD_USER_INPUT"),
        ({"value": "x", "subject": {"id": "nobody"}}, "NOT_FOUND"),
        ({"value": "x", "validFrom": "2024-01-01"}, "BAD_USER_INPUT"),
    ],
)
async def test_what_is_no_fact_is_refused(
    client: Client, wrong: dict[str, object], code: str
) -> None:
    given = {"subject": {"name": "A"}, "predicate": "likes", "scope": {}}
    assert (await refusal(client, REMEMBER_FACT, input=given | wrong))[0] == code
    assert (await client.ask("{ changes { changes { kind } } }"))["changes"]["changes"] == []
