"""A source taken back, told as a story over the front door."""

from __future__ import annotations

from typing import Any

from tests.schema.asking import refusal, relate
from tests.serving import Client

ANN = {"userId": "ann"}
TELL = """
mutation ($input: RememberInput!) {
  remember(input: $input) { episodes { id } decisions { action memory { text } } position }
}
"""
RETRACT = "mutation ($id: ID!) { retractEpisode(id: $id) { deletedCount position } }"
KNOWN = """
query {
  memories(scope: {userId: "ann"}) { edges { node { text } } }
  facts(scope: {userId: "ann"}) { edges { node { statement } } }
}
"""
NEWS = """
query ($since: Cursor) {
  context(input: {query: "home", scope: {userId: "ann"}, since: $since}) { text position }
}
"""


async def tell(client: Client, text: str, day: int) -> dict[str, Any]:
    given = {"text": text, "scope": ANN, "occurredAt": f"2026-03-{day:02}T09:00:00Z"}
    told: dict[str, Any] = (await client.ask(TELL, input=given))["remember"]
    return told


async def known(client: Client) -> tuple[list[str], list[str]]:
    answer = await client.ask(KNOWN)
    memories = sorted(each["node"]["text"] for each in answer["memories"]["edges"])
    return memories, sorted(each["node"]["statement"] for each in answer["facts"]["edges"])


async def test_taking_a_source_back_gives_back_what_it_had_ended(client: Client) -> None:
    await tell(client, "I live in Lisbon.", 1)
    before = await known(client)
    moved = await tell(client, "I moved to Porto.", 2)
    memories, facts = await known(client)
    assert all("Porto" in each for each in (*memories, *facts))
    await client.ask(RETRACT, id=moved["episodes"][0]["id"])
    assert await known(client) == before
    news = (await client.ask(NEWS, since=moved["position"]))["context"]["text"]
    assert "Lisbon" in news.partition("## No longer so")[0]
    assert "Porto" in news.partition("## No longer so")[2]


async def test_what_another_source_supports_stays(client: Client) -> None:
    tea = [await tell(client, "I like tea.", day) for day in (1, 2)]
    milk = await tell(client, "I like milk.", 3)
    both = await known(client)
    await client.ask(RETRACT, id=tea[0]["episodes"][0]["id"])
    assert await known(client) == both
    await client.ask(RETRACT, id=tea[1]["episodes"][0]["id"])
    memories, facts = await known(client)
    assert (len(memories), len(facts)) == (1, 1)
    assert "milk" in memories[0] + facts[0]
    await client.ask(RETRACT, id=milk["episodes"][0]["id"])
    assert await known(client) == ([], [])
    again = await refusal(client, RETRACT, id=milk["episodes"][0]["id"])
    assert again[0] == "NOT_FOUND"


async def test_each_step_of_a_move_can_be_taken_back_in_any_order(client: Client) -> None:
    towns = ["Lisbon", "Porto", "Riga", "Oslo"]
    told = [await tell(client, f"I live in {town}.", day) for day, town in enumerate(towns, 1)]
    for gone, home in ((1, "Oslo"), (3, "Riga"), (2, "Lisbon")):
        await client.ask(RETRACT, id=told[gone]["episodes"][0]["id"])
        (memory,), (fact,) = await known(client)
        assert home in memory
        assert home in fact


async def test_a_merge_is_undone_with_everything_that_it_joined(client: Client) -> None:
    first = (await relate(client, "Bill", "knows", "Ann"))["fact"]["subjectId"]
    other = (await relate(client, "William", "knows", "Zoe"))["fact"]["subjectId"]
    look = "query ($id: ID!) { entity(id: $id) { id name facts { statement } } }"
    before = [await client.ask(look, id=each) for each in (first, other)]
    merge = (
        "mutation ($into: ID!, $from: [ID!]!) "
        "{ mergeEntities(into: $into, from: $from) { mergeId } }"
    )
    merged = await client.ask(merge, into=first, **{"from": [other]})
    one = (await client.ask(look, id=other))["entity"]
    assert (one["id"], len(one["facts"])) == (first, 2)
    undo = "mutation ($id: ID!) { unmergeEntities(mergeId: $id) { entity { id } } }"
    await client.ask(undo, id=merged["mergeEntities"]["mergeId"])
    assert [await client.ask(look, id=each) for each in (first, other)] == before
