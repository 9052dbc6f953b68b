"""What is known is improved at once where somebody asks, and told of, and can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.schema.asking import refusal, state
from tests.serving import Client

CONSOLIDATE = """mutation ($scope: ScopeInput!) {
  consolidate(scope: $scope) { job { id kind state } position }
}"""
ENTITIES = """query ($scope: ScopeInput) { entities(scope: $scope) { edges { node {
  id name aliases summary merged { mergeId name kind reason actor } facts { statement }
} } } }"""
UNMERGE = "mutation ($id: ID!) { unmergeEntities(mergeId: $id) { entity { name } } }"
CHANGES = """query ($scope: ScopeInput) { changes(scope: $scope) {
  changes { subjectType kind actor }
} }"""
ANN = {"userId": "ann"}


async def consolidated(client: Client, scope: Mapping[str, Any] = ANN) -> Mapping[str, Any]:
    """Have it done; return the job as it ended."""
    async with client.socket() as socket:
        started = (await client.ask(CONSOLIDATE, scope=scope))["consolidate"]["job"]
        assert started["kind"] == "consolidate"
        await socket.subscribe(
            "subscription ($job: ID!) { job(id: $job) { state done failed } }", job=started["id"]
        )
        while True:
            job: Mapping[str, Any] = (await socket.next())["job"]
            if job["state"] in {"SUCCEEDED", "FAILED"}:
                return job


async def entities(client: Client) -> list[Mapping[str, Any]]:
    found = (await client.ask(ENTITIES, scope=ANN | {"includeShared": False}))["entities"]
    return [each["node"] for each in found["edges"]]


async def told(client: Client) -> None:
    for name in ("Sam", "Samuel Reed"):
        await state(client, name, "email", "sam@reed.org", scope=ANN)
    for predicate, value in (("lives_in", "Oslo"), ("likes", "figs")):
        await state(client, "Sam", predicate, value, scope=ANN)


async def test_names_become_one_with_a_summary_and_say_why(client: Client) -> None:
    await told(client)
    assert await consolidated(client) == {"state": "SUCCEEDED", "done": 2, "failed": 0}
    (samuel,) = await entities(client)
    (merged,) = samuel["merged"]
    assert (samuel["name"], merged["name"], merged["actor"]) == (
        *("Samuel Reed", "Sam", "consolidation"),
    )
    assert merged["reason"] == "both have the same email"
    assert "figs" in samuel["summary"]


async def test_whoever_takes_a_merge_back_keeps_two(client: Client) -> None:
    await told(client)
    await consolidated(client)
    (samuel,) = await entities(client)
    await client.ask(UNMERGE, id=samuel["merged"][0]["mergeId"])
    await consolidated(client)
    assert sorted(each["name"] for each in await entities(client)) == ["Sam", "Samuel Reed"]


async def test_once_more_changes_nothing(client: Client) -> None:
    await told(client)
    await consolidated(client)
    before = (await client.ask(CHANGES, scope=ANN))["changes"]["changes"]
    assert await consolidated(client) == {"state": "SUCCEEDED", "done": 0, "failed": 0}
    after = (await client.ask(CHANGES, scope=ANN))["changes"]["changes"]
    assert {each["subjectType"] for each in after[len(before) :]} == {"JOB"}
    assert {each["actor"] for each in before if each["subjectType"] != "JOB"} == {
        *("local", "consolidation"),
    }


async def test_less_than_a_partition_is_refused(client: Client) -> None:
    code, message = await refusal(client, CONSOLIDATE, scope=ANN | {"agentId": "helper"})
    assert (code, "Give userId alone" in message) == ("BAD_USER_INPUT", True)
