from __future__ import annotations

from typing import Any

import pytest

from tests.schema.asking import create, refusal, tell
from tests.serving import Client

MANY = """
mutation ($inputs: [RememberInput!]!, $key: String) {
  rememberMany(inputs: $inputs, idempotencyKey: $key) { job { id kind total } position }
}
"""
FORGET = """
mutation ($userId: String!) { forgetUser(userId: $userId) { job { id kind } position } }
"""
WATCH = "subscription ($job: ID!) { job(id: $job) { id state progress done failed error } }"
READ = """
query ($id: ID!) { job(id: $id) { state progress done total finishedAt createdAt } }
"""


def verbatim(*texts: str) -> list[dict[str, Any]]:
    return [{"text": text, "scope": {"userId": "alice"}, "infer": False} for text in texts]


async def watched(client: Client, job: str) -> list[dict[str, Any]]:
    """Every state of a job that a subscriber hears, until the subscription ends by itself."""
    states: list[dict[str, Any]] = []
    async with client.socket() as socket:
        await socket.subscribe(WATCH, job=job)
        while (message := await socket.hear())["type"] == "next":
            states.append(message["payload"]["data"]["job"])
        assert message["type"] == "complete"
    return states


async def test_a_job_is_heard_of_until_it_has_ended(client: Client) -> None:
    job = (await client.ask(MANY, inputs=verbatim("1", "2", "3")))["rememberMany"]["job"]
    assert job["total"] == 3
    states = await watched(client, job["id"])
    assert states[-1]["state"] == "SUCCEEDED"
    assert [each["progress"] for each in states] == sorted(each["progress"] for each in states)
    read = (await client.ask(READ, id=job["id"]))["job"]
    assert (read["state"], read["progress"], read["done"]) == ("SUCCEEDED", 1.0, 3)
    assert read["finishedAt"] >= read["createdAt"]
    found = await client.ask("{ memories(orderBy: OLDEST) { edges { node { text } } } }")
    assert [edge["node"]["text"] for edge in found["memories"]["edges"]] == ["1", "2", "3"]


async def test_a_job_that_has_ended_is_told_once(client: Client) -> None:
    job = (await client.ask(MANY, inputs=verbatim("1")))["rememberMany"]["job"]["id"]
    await watched(client, job)
    assert [each["state"] for each in await watched(client, job)] == ["SUCCEEDED"]


async def test_a_job_that_is_not_there_is_told_as_such(client: Client) -> None:
    async with client.socket() as socket:
        await socket.subscribe(WATCH, job="nothing")
        assert "NOT_FOUND" in str(await socket.hear())


async def test_the_same_key_is_the_same_job(client: Client) -> None:
    first = await client.ask(MANY, inputs=verbatim("1"), key="k")
    assert await client.ask(MANY, inputs=verbatim("1"), key="k") == first
    assert (await refusal(client, MANY, inputs=verbatim("2"), key="k"))[0] == "CONFLICT"


async def test_a_telling_of_many_can_have_its_own_key(client: Client) -> None:
    keyed = [each | {"idempotencyKey": "k"} for each in verbatim("told before")]
    first = await tell(client, **keyed[0], messages=None)
    job = (await client.ask(MANY, inputs=[*keyed, *verbatim("new")]))["rememberMany"]["job"]["id"]
    assert (await watched(client, job))[-1]["done"] == 2
    found = await client.ask("{ memories(orderBy: OLDEST) { edges { node { text } } } }")
    texts = [edge["node"]["text"] for edge in found["memories"]["edges"]]
    assert texts == ["told before", "new"]
    assert await tell(client, **keyed[0], messages=None) == first


async def test_a_person_is_forgotten(client: Client) -> None:
    await create(client, "Alice's", scope={"userId": "alice"})
    await create(client, "everybody's")
    forgotten = (await client.ask(FORGET, userId="alice"))["forgetUser"]
    assert (await watched(client, forgotten["job"]["id"]))[-1]["state"] == "SUCCEEDED"
    answer = await client.ask(
        """
        {
          memories { edges { node { text } } }
          changes { changes { kind subjectId subject { __typename } } }
        }
        """
    )
    assert [each["node"]["text"] for each in answer["memories"]["edges"]] == ["everybody's"]
    log = answer["changes"]["changes"]
    assert log[0] == {"kind": "CREATED", "subjectId": "", "subject": None}
    assert {"kind": "ERASED", "subjectId": "", "subject": None} in log


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ([], "BAD_USER_INPUT"),
        (verbatim(*["x"] * 1_001), "LIMIT_EXCEEDED"),
        ([{"scope": {}}], "BAD_USER_INPUT"),
        (verbatim("fine", ""), "BAD_USER_INPUT"),
    ],
)
async def test_a_job_that_cannot_be_done_is_refused_at_once(
    client: Client, inputs: list[dict[str, Any]], code: str
) -> None:
    assert (await refusal(client, MANY, inputs=inputs))[0] == code


@pytest.mark.parametrize(("user", "code"), [("", "BAD_USER_INPUT"), ("u" * 257, "LIMIT_EXCEEDED")])
async def test_nobody_cannot_be_forgotten(client: Client, user: str, code: str) -> None:
    assert (await refusal(client, FORGET, userId=user))[0] == code
