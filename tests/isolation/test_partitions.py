"""What is one user's is, in another user's scope, as if it did not exist."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.isolation import examples
from tests.isolation.asker import Asker
from tests.isolation.crossing import told_of, values
from tests.isolation.held import Held, fill
from tests.isolation.house import House, all_of_user
from tests.isolation.operations import Operation, Slot, operations

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]

WHOSE = {"userId", "agentId", "sessionId"}
OF_EVERYBODY = {
    "query apiKeys",
    "query templates",
    "query ontology",
    "mutation setOntology",
    "query job",
    "subscription job",
    "query changes",
    "subscription changes",
}
"""What is the organization's own, and no user's, or was not asked in a scope."""


@dataclass(frozen=True, slots=True)
class Users:
    asker: Asker
    ann: Held
    bob: Held
    """He calls everything as Ann does."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def users(home: House) -> AsyncIterator[Users]:
    async with home.organization("two users") as asker:
        ann = await fill(asker, "ann", "zanzibar", "quetzal")
        bob = await fill(asker, "bob", "zanzibar bob", "ordinary")
        assert ann.ids.pop("ontology") == bob.ids["ontology"], "an organization has one"
        yield Users(asker, ann, bob)


async def fresh_bob(users: Users, name: object) -> Held:
    """Fill a partition of its own for one test, whose names are Ann's wherever that is allowed."""
    return await fill(users.asker, f"bob {name}", f"zanzibar {name}", "ordinary")


def slots_of(operation: Operation) -> list[Slot]:
    return [each for each in operation.slots if each.name not in WHOSE]


@pytest.mark.parametrize("operation", operations(), ids=str)
async def test_nothing_of_one_user_is_told_or_touched_in_the_scope_of_another(
    users: Users, operation: Operation
) -> None:
    ann, before = users.ann, await all_of_user(users.asker, users.ann)
    bob = await fresh_bob(users, operation) if operation.kind == "mutation" else users.bob
    found, sent = list[str](), list[str]()
    if operation.takes_scope:
        for example in in_his_scope(operation, bob):
            for slot in slots_of(operation):
                for value, _ in values(ann, slot):
                    asked = operation.filled(example, slot, value)
                    answer = await users.asker.ask(operation, asked)
                    sent.append(json.dumps(asked))
                    told = told_of(answer, ann, sent)
                    found += [f"{slot} = {value}: {each}" for each in told]
                    found += misled(operation, slot, value, answer)
    found += await own_requests(users, operation, bob, sent)
    assert found == []
    assert await all_of_user(users.asker, ann) == before


def in_his_scope(operation: Operation, bob: Held) -> list[Mapping[str, Any]]:
    """Return his examples; those that ask anywhere are no business of this test."""
    return [each for each in examples.of(operation, bob) if bob.user in json.dumps(each)]


def misled(operation: Operation, slot: Slot, value: object, answer: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an answer to a write that refers to another user's record."""
    codes = {each["extensions"]["code"] for each in answer.get("errors", [])}
    if "INTERNAL" in codes:
        return [f"{slot} = {value}: broke"]
    if slot.scalar == "ID" and operation.kind == "mutation" and not codes:
        return [f"{slot} = {value}: was not refused"]
    return []


async def own_requests(
    users: Users, operation: Operation, bob: Held, sent: Iterable[str]
) -> list[str]:
    if str(operation) in OF_EVERYBODY:
        return []
    answers = [await users.asker.has(operation, each) for each in examples.of(operation, bob)]
    return told_of({"answers": answers}, users.ann, sent)


MIXED = [
    (operation, slot)
    for operation in operations()
    if operation.kind == "mutation" and not operation.takes_scope
    for slot in operation.slots
    if slot.scalar == "ID" and sum(each.scalar == "ID" for each in operation.slots) > 1
]


@pytest.mark.parametrize(("operation", "slot"), MIXED, ids=str)
async def test_records_of_two_users_are_never_put_together(
    users: Users, operation: Operation, slot: Slot
) -> None:
    before = await all_of_user(users.asker, users.ann)
    bob = await fresh_bob(users, f"{operation} {slot}")
    his = await all_of_user(users.asker, bob)
    for value, _ in values(users.ann, slot):
        for example in examples.of(operation, bob):
            answer = await users.asker.ask(operation, operation.filled(example, slot, value))
            assert misled(operation, slot, value, answer) == []
    assert await all_of_user(users.asker, bob) == his
    assert await all_of_user(users.asker, users.ann) == before


async def test_two_operations_put_records_together() -> None:
    assert {str(operation) for operation, _ in MIXED} == {"mutation mergeEntities"}


REMEMBER = Operation("mutation", "remember")
ASSERT = Operation("mutation", "assertFact")


@pytest.mark.parametrize(
    "text",
    [
        "Forget that the quetzal woke up.",
        "Forget that my quetzal lives in a tree.",
        "My quetzal lives in a tree.",
        "zanzibar lives in Oslo now.",
    ],
)
async def test_what_one_user_tells_changes_nothing_of_another(users: Users, text: str) -> None:
    before = await all_of_user(users.asker, users.ann)
    told = {"text": text, "scope": {"userId": "carol"}}
    answer = await users.asker.has(REMEMBER, {"input": told})
    known = [each["memory"]["id"] for each in answer["decisions"] if each["memory"]]
    assert not set(known) & set(users.ann.ids.values())
    assert await all_of_user(users.asker, users.ann) == before


async def test_one_name_in_two_partitions_is_two_entities(users: Users) -> None:
    before = await all_of_user(users.asker, users.ann)
    named = {"name": users.ann.handle, "kind": "PERSON"}
    stated = await users.asker.has(
        ASSERT,
        {
            "input": {
                "subject": named,
                "predicate": "lives_in",
                "value": "Oslo",
                "scope": {"userId": "dave"},
            }
        },
    )
    assert stated["fact"]["subjectId"] != users.ann.ids["entity"]
    assert stated["closed"] == []
    assert await all_of_user(users.asker, users.ann) == before


async def test_a_listener_in_one_scope_hears_nothing_of_another(home: House, users: Users) -> None:
    scope = {"userId": "erin", "includeShared": False}
    log, live = Operation("subscription", "changes"), Operation("subscription", "liveRecall")
    asked = {"query": "where does zanzibar live?", "scope": scope, "limit": 20}
    async with home.organization("two users") as listening, asyncio.timeout(20):
        await listening.socket.subscribe(log.document, id="log", scope=scope)
        await listening.socket.subscribe(live.document, id="live", input=asked)
        said = [await listening.socket.hear() for _ in range(2)]
        assert [each["type"] for each in said] == ["next", "next"], said
        frank = await fill(users.asker, "frank", "zanzibar frank", "phoenix")
        erin = await fill(users.asker, "erin", "zanzibar erin", "ordinary")
        while not all(says(said, id_, erin.ids["told"]) for id_ in ("log", "live")):
            said.append(await listening.socket.hear())
    assert told_of({"heard": said}, frank) == []


def says(said: list[Mapping[str, Any]], id: str, word: str) -> bool:
    return any(each["id"] == id and word in json.dumps(each) for each in said)


async def test_what_is_not_asked_in_a_scope_is_seen_to_tell_of_everybody(users: Users) -> None:
    listing = Operation("query", "memories")
    answer = await users.asker.ask(listing, {"first": 50})
    assert "says quetzal" in told_of(answer, users.ann)
