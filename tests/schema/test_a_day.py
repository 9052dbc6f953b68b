"""A day told message by message through the front door: every moment of it can be asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mnemos_graph.sqlite import SqliteStore
from tests.graph.memory.a_day import Said, expected, hour
from tests.serving import Client, client_of, program_on

DAY = [
    Said(
        "Morning! Maya here, I live in Leeds with my husband Tom.",
        ("lives_in Leeds", "married_to Tom"),
    ),
    Said("I'm a vegetarian, so no bacon for me.", ("diet vegetarian",)),
    Said("I work at Harper & Co as an architect.", ("works_at Harper & Co", "job architect")),
    Said("What should I cook tonight?"),
    Said("My favourite band is Low.", ("favourite_band Low",)),
    Said("Tom works at Oakham Library.", ("Tom works_at Oakham Library",)),
    Said("I'm thinking about a new bike, maybe."),
    Said(
        "We just moved to York, by the way, boxes everywhere.",
        ("lives_in York",),
        ("lives_in Leeds",),
    ),
    Said("ok thanks!"),
    Said("I drive a Fiat Panda.", ("owns Fiat Panda",)),
    Said("I quit my job at Harper & Co today.", (), ("works_at Harper & Co",)),
    Said(
        "I work at Bluebird Studio as a teacher now.",
        ("works_at Bluebird Studio", "job teacher"),
        ("job architect",),
    ),
    Said("Could you remind me to call mum?"),
    Said(
        "Actually my favourite band is Wilco.", ("favourite_band Wilco",), ("favourite_band Low",)
    ),
    Said("Tom works at Oakham Library, he loves it there."),
    Said("I'm allergic to peanuts, please remember that.", ("allergic_to peanuts",)),
    Said("I sold the Fiat Panda.", (), ("owns Fiat Panda",)),
    Said("I'm not a vegetarian any more, I ate fish.", (), ("diet vegetarian",)),
    Said("My email is maya@york.example", ("email maya@york.example",)),
    Said("Good night, sleep well."),
]
CHANGES_OF_MIND = {"the town": 7, "the work": 10, "the band": 13, "the car": 16, "the diet": 17}

TELL = """mutation ($input: RememberInput!) { remember(input: $input) {
  episodes { id } decisions { action reason memory { id text validTo supersededBy { text } } }
} }"""
FACTS = """query ($scope: ScopeInput) { facts(scope: $scope, first: 100, includeInvalid: true) {
  edges { node { %s closedBy { id } invalidatedAt } } } }"""
_FACT = "id subject { name } predicate object { name } value validFrom validTo"
MEMORIES = """query ($scope: ScopeInput) { memories(scope: $scope, first: 100) {
  edges { node { text } } } }"""
RETRACT = "mutation ($id: ID!) { retractEpisode(id: $id) { deletedCount } }"


class Told(NamedTuple):
    """A message that was told: its episode, and when all of it was known."""

    episode: str
    known: datetime
    decisions: Sequence[Mapping[str, Any]]


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    store = await SqliteStore.open(tmp_path)
    async with program_on(store) as program, client_of(program) as client:
        yield client
    await store.close()


def of(user: str) -> Mapping[str, Any]:
    return {"userId": user, "includeShared": False}


async def tell(client: Client, number: int, user: str = "maya") -> Told:
    message = {"text": DAY[number].text, "occurredAt": hour(number).isoformat()}
    given = {"messages": [message], "scope": {"userId": user}}
    answer = (await client.ask(TELL, input=given))["remember"]
    return Told(answer["episodes"][0]["id"], datetime.now(UTC), answer["decisions"])


async def tell_all(client: Client, user: str = "maya", *, but: int | None = None) -> list[Told]:
    return [await tell(client, number, user) for number in range(len(DAY)) if number != but]


def spelled(fact: Mapping[str, Any]) -> str:
    target = fact["object"]["name"] if fact["object"] else fact["value"]
    subject = fact["subject"]["name"]
    said = f"{fact['predicate']} {target}"
    return said if subject == "user" else f"{subject} {said}"


async def held(client: Client, until: int, known_at: datetime | None = None) -> list[list[str]]:
    """Return what held at each message up to one, as it was known at an instant, in one answer."""
    given = f', knownAt: "{known_at.isoformat()}"' if known_at else ""
    fields = " ".join(
        f'm{n}: facts(scope: $scope, asOf: "{hour(n).isoformat()}"{given}, first: 20) '
        f"{{ edges {{ node {{ {_FACT} }} }} }}"
        for n in range(until + 1)
    )
    answer = await client.ask(f"query ($scope: ScopeInput) {{ {fields} }}", scope=of("maya"))
    return [
        sorted(spelled(each["node"]) for each in answer[f"m{n}"]["edges"]) for n in range(until + 1)
    ]


async def facts(client: Client, user: str = "maya") -> list[Mapping[str, Any]]:
    found = (await client.ask(FACTS % _FACT, scope=of(user)))["facts"]["edges"]
    return [each["node"] for each in found]


async def line(client: Client, user: str) -> set[tuple[str, ...]]:
    """Return every fact that is believed, with since when and until when."""
    return {
        (spelled(each), str(each["validFrom"]), str(each["validTo"]))
        for each in await facts(client, user)
        if each["invalidatedAt"] is None
    }


async def remembered(client: Client, user: str) -> list[str]:
    found = (await client.ask(MEMORIES, scope=of(user)))["memories"]["edges"]
    return sorted(each["node"]["text"] for each in found)


def timeline(known: int) -> list[list[str]]:
    """Return what held at each message, by what was known behind one."""
    return [expected(DAY, at, known) for at in range(known + 1)]


async def test_after_every_message_the_whole_day_until_then_is_right(client: Client) -> None:
    for number in range(len(DAY)):
        await tell(client, number)
        assert await held(client, number) == timeline(number), DAY[number].text


async def test_what_was_known_at_every_message_can_be_asked_for_afterwards(client: Client) -> None:
    for number, told in enumerate(await tell_all(client)):
        assert await held(client, number, told.known) == timeline(number), DAY[number].text


async def test_what_a_change_of_mind_ended_says_by_what_and_why(client: Client) -> None:
    told = await tell_all(client)
    known = {each["id"]: each for each in await facts(client)}
    ended = {spelled(each): each for each in known.values() if each["validTo"]}
    assert set(ended) == {what for said in DAY for what in said.ends}
    by = {
        what: spelled(known[each["closedBy"]["id"]])
        for what, each in ended.items()
        if each["closedBy"]
    }
    assert by == {
        "lives_in Leeds": "lives_in York",
        "job architect": "job teacher",
        "favourite_band Low": "favourite_band Wilco",
    }
    for number in (7, 13, 16, 17):
        updates = [each for each in told[number].decisions if each["action"] == "UPDATE"]
        assert [each["reason"] for each in updates] == ["it held until 2026-05-04"]
        assert all(each["memory"]["validTo"] for each in updates)
        assert all(each["memory"]["supersededBy"] for each in updates)


@pytest.mark.parametrize("what", CHANGES_OF_MIND)
async def test_taking_one_message_back_leaves_the_day_as_if_it_was_never_said(
    client: Client, what: str
) -> None:
    number = CHANGES_OF_MIND[what]
    told = await tell_all(client, "maya")
    before = await held(client, 19)
    await client.ask(RETRACT, id=told[number].episode)
    await tell_all(client, "never", but=number)
    assert await line(client, "maya") == await line(client, "never")
    assert await remembered(client, "maya") == await remembered(client, "never")
    assert await held(client, 19, told[-1].known) == before


async def test_a_day_taken_back_from_its_end_is_that_day_at_every_message(client: Client) -> None:
    told = await tell_all(client)
    for number in range(len(DAY) - 1, 0, -1):
        await client.ask(RETRACT, id=told[number].episode)
        assert await held(client, number - 1) == timeline(number - 1), DAY[number].text
    await client.ask(RETRACT, id=told[0].episode)
    assert (await line(client, "maya"), await remembered(client, "maya")) == (set(), [])


async def test_improving_what_is_known_changes_nothing_of_the_day(client: Client) -> None:
    await tell_all(client)
    before = (await line(client, "maya"), await remembered(client, "maya"))
    document = 'mutation { consolidate(scope: { userId: "maya" }) { job { id } } }'
    job = (await client.ask(document))["consolidate"]["job"]
    async with client.socket() as socket:
        await socket.subscribe(
            "subscription ($job: ID!) { job(id: $job) { state } }", job=job["id"]
        )
        while (await socket.next())["job"]["state"] != "SUCCEEDED":
            pass
    assert (await line(client, "maya"), await remembered(client, "maya")) == before
    assert await held(client, 19) == timeline(19)
