"""What becomes of what is told: known, new, or left as it was."""

from __future__ import annotations

import asyncio

import pytest

from mnemos_graph.feed import Journal
from mnemos_graph.memory.facts.episodes import Episodes
from mnemos_graph.memory.records.memories import Memories, NewMemory
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.telling import Message, Telling
from mnemos_graph.model import (
    Entity,
    Episode,
    Fact,
    Memory,
    MessageRole,
    Scope,
)
from mnemos_graph.store import Find, GraphStore
from tests.conformance.samples import ACME, ANN, BOB, day
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.telling import actions, known, tell


async def test_something_new_is_added_with_its_source_entities_and_facts(
    rememberer: Rememberer, store: GraphStore
) -> None:
    answer = await tell(rememberer, "I like tea.", scope=Scope("ann", "coach", "s1"))
    assert actions(answer) == [("ADD", "Ann like tea")]
    (decision,), (episode,) = answer.decisions, answer.episodes
    assert decision.memory is not None
    assert decision.reason == "it is new"
    assert decision.memory.sources == (episode.id,)
    assert decision.memory.scope == Scope("ann", "coach", "s1")
    facts = await store.get(ACME, Fact, decision.memory.fact_ids)
    (fact,) = facts.values()
    assert (fact.predicate, fact.sources, fact.told_at) == ("likes", (episode.id,), day(0))
    assert fact.scope == Scope("ann", "coach")
    entities = await store.get(ACME, Entity, decision.memory.entity_ids)
    assert sorted(each.name for each in entities.values()) == ["Ann", "tea"]


async def test_the_same_again_is_known_already_and_rests_on_both(
    rememberer: Rememberer, memories: Memories
) -> None:
    first = await tell(rememberer, "I like tea.")
    again = await tell(rememberer, "I LIKE  tea!", at=1, scope=Scope("ann", None, "another"))
    assert actions(again) == [("NOOP", "Ann like tea")]
    assert again.decisions[0].memory == first.decisions[0].memory
    assert await known(memories) == ["Ann like tea"]


async def test_taking_one_of_two_sources_back_leaves_what_both_said(
    rememberer: Rememberer, memories: Memories, journal: Journal, clock: Calendar
) -> None:
    first = await tell(rememberer, "I like tea.")
    second = await tell(rememberer, "I like tea.")
    episodes = Episodes(journal, clock)
    await episodes.retract(ACME, first.episodes[0].id)
    assert await known(memories) == ["Ann like tea"]
    await episodes.retract(ACME, second.episodes[0].id)
    assert await known(memories) == []


async def test_a_hundred_tellers_of_the_same_make_one_memory(
    rememberer: Rememberer, memories: Memories, store: GraphStore
) -> None:
    answers = await asyncio.gather(*(tell(rememberer, "I live in Rome.") for _ in range(100)))
    told = [action for answer in answers for action, _ in actions(answer)]
    assert sorted(told) == ["ADD"] + ["NOOP"] * 99
    assert await known(memories) == ["Ann live in Rome"]
    (facts,) = await store.find(ACME, [Find(Fact)])
    (episodes,) = await store.find(ACME, [Find(Episode, first=200)])
    assert (len(facts.records), len(episodes.records)) == (1, 100)


async def test_a_hundred_calls_with_one_key_get_one_answer(
    rememberer: Rememberer, store: GraphStore
) -> None:
    calls = [tell(rememberer, "I live in Rome. I like tea.", key="k") for _ in range(100)]
    first, *others = await asyncio.gather(*calls)
    assert [action for action, _ in actions(first)] == ["ADD", "ADD"]
    assert all(other == first for other in others)
    (page,) = await store.find(ACME, [Find(Episode)])
    assert len(page.records) == 1
    assert await tell(rememberer, "I live in Rome. I like tea.", key="k") == first


LONG = "The old green boat of the family lies in the small harbour north of the town"


@pytest.mark.parametrize(
    ("text", "action"),
    [
        (f"{LONG} of the", "NOOP"),
        (f"{LONG} centre", "UPDATE"),
        (f"{LONG} in 2019", "ADD"),
        (LONG.replace("lies", "never lies"), "ADD"),
        ("Somebody else went to the market", "ADD"),
    ],
)
async def test_almost_the_same_is_known_and_more_detail_is_taken_over(
    rememberer: Rememberer, text: str, action: str
) -> None:
    first = await tell(rememberer, LONG)
    answer = await tell(rememberer, text)
    ((told, now),) = actions(answer)
    assert (told, now) == (action, LONG if action == "NOOP" else text)
    assert first.decisions[0].memory is not None
    assert answer.decisions[0].memory is not None
    same = answer.decisions[0].memory.id == first.decisions[0].memory.id
    assert same == (action != "ADD")
    assert answer.decisions[0].memory.version == (2 if action == "UPDATE" else 1)


async def test_what_somebody_wrote_is_known_and_not_touched(
    rememberer: Rememberer, memories: Memories
) -> None:
    written = await memories.create(ACME, NewMemory(text="Ann like tea", scope=ANN))
    answer = await tell(rememberer, "I like tea.")
    assert actions(answer) == [("NOOP", "Ann like tea")]
    assert answer.decisions[0].memory == written.record


async def test_what_others_were_told_is_neither_known_nor_ended(
    rememberer: Rememberer, memories: Memories
) -> None:
    await tell(rememberer, "I live in Rome.", scope=BOB)
    answer = await tell(rememberer, "I live in Rome.")
    assert actions(answer) == [("ADD", "Ann live in Rome")]
    await tell(rememberer, "I moved to Oslo.")
    assert await known(memories) == ["Ann live in Rome", "Ann moved to Oslo"]


@pytest.mark.parametrize("role", [MessageRole.ASSISTANT, MessageRole.TOOL, MessageRole.SYSTEM])
async def test_what_no_user_said_is_kept_as_an_episode_only(
    rememberer: Rememberer, store: GraphStore, role: MessageRole
) -> None:
    telling = Telling(scope=ANN, messages=[Message(text="I live in Rome.", role=role)])
    answer = await rememberer.remember(ACME, telling)
    assert (len(answer.episodes), answer.decisions) == (1, ())
    (memories,) = await store.find(ACME, [Find(Memory)])
    (facts,) = await store.find(ACME, [Find(Fact)])
    assert not [*memories.records, *facts.records]


@pytest.mark.parametrize("infer", [True, False])
async def test_what_mnemos_itself_recalled_is_not_taken_in_again(
    rememberer: Rememberer, memories: Memories, *, infer: bool
) -> None:
    telling = Telling(scope=ANN, text="I like tea.", source="mnemos:context", infer=infer)
    answer = await rememberer.remember(ACME, telling, "k")
    assert actions(answer) == [("NOOP", "")]
    assert len(answer.episodes) == 1
    assert await known(memories) == []
    assert await rememberer.remember(ACME, telling, "k") == answer


async def test_hundreds_of_messages_are_decided_in_portions_that_know_each_other(
    rememberer: Rememberer, memories: Memories, store: GraphStore
) -> None:
    said = [f"I saw film {number}." for number in range(350)] + ["I saw film 3."] * 5
    telling = Telling(scope=ANN, messages=[Message(text=text) for text in said])
    answer = await rememberer.remember(ACME, telling, "k")
    told = [action for action, _ in actions(answer)]
    assert told == ["ADD"] * 350 + ["NOOP"] * 5
    assert [each.text for each in answer.episodes] == said
    assert await rememberer.remember(ACME, telling, "k") == answer
