"""What is kept, for whom, and for how long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mnemos.answering.layer import Keeping
from mnemos.settings import Settings
from mnemos_graph.directory import Role
from mnemos_graph.feed import LocalBus
from mnemos_graph.identity import LOCAL
from mnemos_graph.model import Access, OrganizationId, RecordId, RecordKind
from mnemos_graph.store import ChangeSet, Erase
from tests.conformance.memory_store import MemoryStore
from tests.graph.cache.processes import Counted
from tests.platform.answering.desk import TURNS, Calendar, Desk, desk

LIST = "query ($scope: ScopeInput) { memories(scope: $scope) { edges { node { id text } } } }"
ANN, BOB = {"scope": {"userId": "ann"}}, {"scope": {"userId": "bob"}}
CREATE = "mutation ($input: CreateMemoryInput!) { createMemory(input: $input) { memory { id } } }"


@pytest.fixture
def clock() -> Calendar:
    return Calendar()


@pytest.fixture
async def here(clock: Calendar) -> AsyncIterator[Desk]:
    async with desk(MemoryStore(), clock=clock) as opened:
        await opened.ask(LIST, **ANN)  # from now on the log is followed
        yield opened


async def create(at: Desk, text: str, **input: Any) -> str:
    made = await at.ask(CREATE, input={"text": text, "scope": {"userId": "ann"}} | input)
    id_: str = made["createMemory"]["memory"]["id"]
    return id_


def texts(data: Any) -> list[str]:
    return [edge["node"]["text"] for edge in data["memories"]["edges"]]


async def again(at: Desk, query: str, **variables: Any) -> bool:
    """Return whether a second asking was answered by what was kept."""
    await at.ask(query, **variables)
    before = at.counts.hits
    await at.ask(query, **variables)
    return at.counts.hits == before + 1


async def test_what_is_asked_again_is_not_executed_again(here: Desk) -> None:
    assert await again(here, LIST, **ANN)


async def test_a_write_ends_the_answers_of_its_partition_and_no_others(here: Desk) -> None:
    await here.ask(LIST, **BOB)
    assert texts(await here.ask(LIST, **ANN)) == []
    await create(here, "Ann likes tea")
    assert texts(await here.ask(LIST, **ANN)) == ["Ann likes tea"]
    hits = here.counts.hits
    await here.ask(LIST, **BOB)
    assert here.counts.hits == hits + 1


async def test_a_write_to_what_all_share_ends_the_answers_of_everybody(here: Desk) -> None:
    assert texts(await here.ask(LIST, **BOB)) == []
    await create(here, "The office has a garden", scope={})
    assert texts(await here.ask(LIST, **BOB)) == ["The office has a garden"]


async def test_the_same_question_written_otherwise_has_the_same_answer(here: Desk) -> None:
    await here.ask(LIST, **ANN)
    before = here.counts.hits
    spaced = json.dumps({"variables": ANN, "operationName": None, "query": LIST}, indent=2)
    head = {"content-type": "application/json; charset=utf-8"}
    for _ in range(2):
        await here.http.post("/graphql", content=spaced, headers=head)
    assert here.counts.hits == before + 2


async def test_an_answer_ends_when_something_in_it_does(here: Desk, clock: Calendar) -> None:
    await create(here, "for a minute", expiresAt=clock.ahead(60))
    assert await again(here, LIST, **ANN)
    clock.move(59)
    assert texts(await here.ask(LIST, **ANN)) == ["for a minute"]
    clock.move(1)
    assert texts(await here.ask(LIST, **ANN)) == []


async def test_an_answer_ends_when_something_begins_that_is_not_in_it(
    here: Desk, clock: Calendar
) -> None:
    await create(here, "from tomorrow on", validFrom=clock.ahead(86_400))
    assert texts(await here.ask(LIST, **ANN)) == []
    clock.move(86_400)
    assert texts(await here.ask(LIST, **ANN)) == ["from tomorrow on"]


@pytest.mark.parametrize(
    "query",
    [
        '{ recall(input: {query: "tea"}) { hits { memory { text } } } }',
        '{ context(input: {query: "tea"}) { text } }',
        "{ changes { position } }",
        "{ apiKeys { id } }",
        "{ viewer { actor } ... { apiKeys { id } } }",
        "{ ...Keys } fragment Keys on Query { apiKeys { id } }",
        "query { memories { edges { node { secret } } } }",
    ],
)
async def test_what_rests_on_more_than_the_log_is_answered_anew(here: Desk, query: str) -> None:
    vault = {"type": "KNOWLEDGE_VAULT", "metadata": {"name": "door"}}
    await create(here, "1234", **vault)
    assert not await again(here, query)


async def test_an_answer_with_an_error_is_not_kept(here: Desk) -> None:
    for _ in range(3):
        assert (
            "errors"
            in (await here.post("{ viewer { actor } memories(first: 0) { __typename } }")).json()
        )
    assert here.counts.hits == 0


async def test_a_mutation_is_carried_out_each_time(here: Desk) -> None:
    for _ in range(2):
        await create(here, "the same")
    assert texts(await here.ask(LIST, **ANN)) == ["the same", "the same"]


async def test_nobody_is_given_what_another_key_or_organization_was_answered(here: Desk) -> None:
    other = OrganizationId((await here.program.keys.organization("other")).id)
    desks = [
        here.holding(await here.key()),
        here.holding(await here.key(Role.READER)),
        here.holding(await here.key(organization=other)),
    ]
    await create(desks[0], "Ann likes tea")
    answers = [texts(await each.ask(LIST, **ANN)) for each in desks]
    assert answers == [["Ann likes tea"], ["Ann likes tea"], []]
    assert here.counts.hits == 0
    viewers = [(await each.ask("{ viewer { actor role } }"))["viewer"]["role"] for each in desks]
    assert viewers == ["member", "reader", "member"]


async def test_who_asks_is_read_from_the_header_that_says_it(here: Desk) -> None:
    """An empty header says nothing: the key beside it counts."""
    reader = here.holding(await here.key(Role.READER))
    asked = {"query": "{ viewer { role } }"}
    for _ in range(2):
        told = await reader.http.post("/graphql", json=asked, headers={"authorization": ""})
        assert told.json()["data"]["viewer"]["role"] == "reader"


async def test_a_revoked_key_is_given_nothing_that_was_kept(here: Desk) -> None:
    new = await here.program.keys.create(LOCAL.id, "leaving")
    leaving = here.holding(new.secret)
    assert await again(leaving, LIST, **ANN)
    await here.program.keys.revoke(LOCAL.id, new.key.id)
    assert (await leaving.post(LIST, ANN)).status_code == 401


async def test_what_is_kept_counts_as_a_request() -> None:
    async with desk(MemoryStore(), settings=Settings(key_rate=4)) as limited:
        limited.program.door._of_key._here._tick = lambda: 0.0  # no time passes between them
        caller = limited.holding(await limited.key())
        found = [(await caller.post("{ viewer { actor } }")).status_code for _ in range(5)]
    assert found == [200, 200, 200, 429, 429], "the first is new, and counts twice"


async def test_another_site_is_given_nothing_in_local_mode(here: Desk) -> None:
    assert await again(here, LIST, **ANN)
    refused = await here.post(LIST, ANN, origin="https://elsewhere.example")
    assert refused.status_code == 403


async def test_while_mnemos_stops_nothing_is_given(here: Desk) -> None:
    assert await again(here, LIST, **ANN)
    here.program.connections.draining = True
    assert (await here.post(LIST, ANN)).status_code == 503


@pytest.fixture
async def slow() -> AsyncIterator[Desk]:
    """A program whose store takes its time."""
    store: Any = Counted(MemoryStore())
    async with desk(store) as opened:
        await opened.ask(LIST, **ANN)
        store.delays = lambda: 20
        yield opened


async def test_what_many_ask_at_once_is_executed_once(slow: Desk) -> None:
    before = slow.counts.misses
    answers = await asyncio.gather(*(slow.ask(LIST, **BOB) for _ in range(20)))
    assert (slow.counts.misses - before, slow.counts.joined) == (1, 19)
    assert all(each == answers[0] for each in answers)


async def test_who_asked_first_and_left_keeps_nobody_waiting(slow: Desk) -> None:
    first = asyncio.create_task(slow.ask(LIST, **BOB))
    others = [asyncio.create_task(slow.ask(LIST, **BOB)) for _ in range(3)]
    for _ in range(TURNS + 5):
        await asyncio.sleep(0)
    assert slow.app._flights
    first.cancel()
    assert all(texts(each) == [] for each in await asyncio.gather(*others))


async def test_who_asks_after_a_write_is_not_given_what_was_begun_before_it(slow: Desk) -> None:
    first = asyncio.create_task(slow.ask(LIST, **BOB))
    for _ in range(TURNS + 5):
        await asyncio.sleep(0)
    assert slow.app._flights
    await create(slow, "Bob likes tea", scope={"userId": "bob"})
    assert texts(await slow.ask(LIST, **BOB)) == ["Bob likes tea"]
    await first


async def test_after_an_erasure_nothing_that_was_answered_stays() -> None:
    store = MemoryStore()
    async with desk(store) as here:
        id_ = await create(here, "a secret")
        assert await again(here, LIST, **ANN)
        assert here.app.told()["answers"]
        journal = here.program.services.memories._attempts._journal
        await journal.commit(
            Access(LOCAL.id, "system"), ChangeSet((Erase(RecordKind.MEMORY, RecordId(id_)),))
        )
        await here.ask(LIST, **BOB)
        assert texts(await here.ask(LIST, **ANN)) == []
        assert here.app.told()["answers"] == 2


async def test_what_is_kept_takes_no_more_than_it_may() -> None:
    async with desk(MemoryStore(), settings=Settings(answer_bytes=20_000)) as here:
        await here.ask(LIST, **ANN)
        for number in range(50):
            await here.ask(LIST, scope={"userId": f"user {number}"})
        told = here.app.told()
    assert 0 < told["bytes"] <= 20_000
    assert 0 < told["answers"] < 20


class LostBus(LocalBus):
    """A bus that can be lost."""

    connected = True


async def test_while_the_bus_is_lost_all_is_answered_anew_and_health_says_so() -> None:
    bus = LostBus()
    async with desk(MemoryStore(), bus=bus) as here:
        assert await again(here, LIST, **ANN)
        bus.connected = False
        hits = here.counts.hits
        assert texts(await here.ask(LIST, **ANN)) == []
        health = (await here.http.get("/health")).json()["answers"]
        assert (here.counts.hits, health["state"]) == (hits, Keeping.BYPASSED)
        bus.connected = True
        await here.ask(LIST, **ANN)
        assert here.counts.hits == hits + 1


async def test_without_a_look_at_the_log_for_two_seconds_nothing_is_given(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await again(here, LIST, **ANN)
    hits, tick = here.counts.hits, here.program.services.feed.clock
    monkeypatch.setattr(here.program.services.feed, "clock", lambda: tick() + 3)
    await here.ask(LIST, **ANN)
    assert here.counts.hits == hits


async def test_what_was_written_by_another_process_is_seen_with_its_position() -> None:
    store = MemoryStore()
    async with desk(store) as here, desk(store) as there:
        assert await again(here, LIST, **ANN)
        wrote = await there.ask(
            "mutation ($input: CreateMemoryInput!) { createMemory(input: $input) { position } }",
            input={"text": "Ann likes tea", "scope": {"userId": "ann"}},
        )
        answer = await here.post(LIST, ANN, mnemos_after=wrote["createMemory"]["position"])
        assert texts(answer.json()["data"]) == ["Ann likes tea"]


async def test_an_answer_for_a_position_stands_while_others_write(here: Desk) -> None:
    after = (await here.ask("{ position }"))["position"]
    await here.post(LIST, ANN, mnemos_after=after)
    await create(here, "Bob likes tea", scope={"userId": "bob"})
    hits = here.counts.hits
    await here.post(LIST, ANN, mnemos_after=after)
    assert here.counts.hits == hits + 1


async def test_an_answer_says_the_same_headers_as_the_first_time(here: Desk) -> None:
    first, second = [await here.post(LIST, ANN) for _ in range(2)]
    assert first.headers == second.headers
    assert second.headers["cache-control"] == "no-store"
