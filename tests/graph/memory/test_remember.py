"""What becomes of what is told: known, new, ended, or forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from mnemos_graph.feed import Journal
from mnemos_graph.memory.facts.episodes import Episodes
from mnemos_graph.memory.forget import FORGET_USER, Forgetting
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.records.memories import Memories, NewMemory
from mnemos_graph.memory.remember.remember import PENDING, Rememberer
from mnemos_graph.memory.remember.telling import Message, Remembered, Telling
from mnemos_graph.memory.scopes import ANYWHERE
from mnemos_graph.memory.selection import EVERYTHING, MemoryQuery
from mnemos_graph.model import (
    Access,
    Entity,
    Episode,
    Fact,
    Job,
    JobState,
    Memory,
    MessageRole,
    Scope,
)
from mnemos_graph.model.words import words
from mnemos_graph.store import ChangeSet, Equal, Find, GraphStore, Order
from tests.conformance.samples import ACME, ANN, BOB, EVERYONE, GLOBEX, day
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.rules import Rules
from tests.graph.memory.working import ended, runner


class WordCounts:
    """Embeds a text as its counts of words: texts are as close as they share words."""

    generation = "counts"
    dimensions = 512

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    async def embed(
        self, texts: Sequence[str], *, urgent: bool = False
    ) -> Sequence[NDArray[np.float32]]:
        return [self._embedded(text) for text in texts]

    def _embedded(self, text: str) -> NDArray[np.float32]:
        row = np.zeros(512, np.float32)
        for word in words(text):
            row[self._known.setdefault(word, len(self._known))] += 1
        return (row / np.linalg.norm(row)).reshape(1, -1)


@pytest.fixture
def jobs(journal: Journal, clock: Calendar) -> Jobs:
    return Jobs(journal, clock)


@pytest.fixture
def rememberer(journal: Journal, jobs: Jobs, clock: Calendar) -> Rememberer:
    return Rememberer(journal, jobs, clock, extractor=Rules(), embedder=WordCounts())


async def tell(
    rememberer: Rememberer,
    text: str,
    *,
    at: float = 0,
    scope: Scope = ANN,
    key: str | None = None,
    access: Access = ACME,
) -> Remembered:
    return await rememberer.remember(
        access, Telling(scope=scope, text=text, occurred_at=day(at)), key
    )


def actions(remembered: Remembered) -> list[tuple[str, str]]:
    return [
        (each.action.name, each.memory.text if each.memory else "") for each in remembered.decisions
    ]


async def known(
    memories: Memories, query: MemoryQuery = EVERYTHING, access: Access = ACME
) -> list[str]:
    page = await memories.list(access, ANYWHERE, query)
    return sorted(each.text for each in page.records)


async def the(store: GraphStore, text: str) -> Memory:
    (page,) = await store.find(ACME, [Find(Memory, order=Order("id"))])
    (found,) = [each for each in page.records if each.text == text]
    return found


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


async def test_a_newer_value_ends_the_older_and_supersedes_its_memory(
    rememberer: Rememberer, store: GraphStore, memories: Memories, clock: Calendar
) -> None:
    clock.move(days=100)
    await tell(rememberer, "I live in Rome.", at=10)
    answer = await tell(rememberer, "I moved to Oslo.", at=20)
    assert actions(answer) == [("ADD", "Ann moved to Oslo"), ("UPDATE", "Ann live in Rome")]
    assert answer.decisions[1].reason == "it held until 2026-01-21"
    old, new = await the(store, "Ann live in Rome"), await the(store, "Ann moved to Oslo")
    assert (old.valid_to, old.superseded_by) == (day(20), new.id)
    assert new.valid_to is None
    assert await known(memories) == ["Ann moved to Oslo"]
    assert await known(memories, MemoryQuery(as_of=day(15))) == ["Ann live in Rome"]


async def test_an_older_truth_said_later_is_added_already_ended(
    rememberer: Rememberer, store: GraphStore, memories: Memories, clock: Calendar
) -> None:
    clock.move(days=100)
    await tell(rememberer, "I live in Oslo.", at=20)
    answer = await tell(rememberer, "I lived in Rome.", at=10)
    assert actions(answer) == [("ADD", "Ann lived in Rome")]
    old, new = await the(store, "Ann lived in Rome"), await the(store, "Ann live in Oslo")
    assert (old.valid_to, old.superseded_by) == (day(20), new.id)
    assert await known(memories) == ["Ann live in Oslo"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_what_holds_at_last_does_not_depend_on_the_order_of_telling(
    rememberer: Rememberer, memories: Memories, clock: Calendar, order: tuple[int, ...]
) -> None:
    clock.move(days=100)
    said = [("I live in Rome.", 10), ("I live in Oslo.", 20), ("I live in Rome.", 30)]
    for number in order:
        text, at = said[number]
        await tell(rememberer, text, at=at)
    assert await known(memories) == ["Ann live in Rome"]
    assert await known(memories, MemoryQuery(as_of=day(25))) == ["Ann live in Oslo"]
    assert await known(memories, MemoryQuery(as_of=day(15))) == ["Ann live in Rome"]


async def test_one_telling_can_correct_itself(
    rememberer: Rememberer, memories: Memories, clock: Calendar
) -> None:
    clock.move(days=100)
    messages = [
        Message(text="I live in Rome.", occurred_at=day(1)),
        Message(text="I like tea. I like tea.", occurred_at=day(2)),
        Message(text="I moved to Oslo.", occurred_at=day(3)),
    ]
    answer = await rememberer.remember(ACME, Telling(scope=ANN, messages=messages))
    assert [action for action, _ in actions(answer)] == ["ADD", "ADD", "NOOP", "ADD"]
    assert await known(memories) == ["Ann like tea", "Ann moved to Oslo"]


async def test_a_date_told_later_adds_to_what_is_believed(
    rememberer: Rememberer, store: GraphStore, memories: Memories
) -> None:
    await tell(rememberer, "I live in Rome.", at=0)
    await tell(rememberer, "I live in Rome since 2019.", at=1)
    (page,) = await store.find(ACME, [Find(Fact)])
    (fact,) = page.records
    assert (fact.valid_from, fact.valid_to) == (datetime(2019, 1, 1, tzinfo=UTC), None)
    assert await known(memories) == ["Ann live in Rome", "Ann live in Rome since 2019"]


async def test_what_was_so_for_a_while_ends_nothing_that_is_so_now(
    rememberer: Rememberer, memories: Memories
) -> None:
    await tell(rememberer, "I live in Oslo.", at=0)
    await tell(rememberer, "I lived in Rome from 2015 to 2020.", at=1)
    assert await known(memories) == ["Ann live in Oslo"]
    past = MemoryQuery(as_of=datetime(2018, 1, 1, tzinfo=UTC))
    assert await known(memories, past) == ["Ann lived in Rome from 2015 to 2020"]


async def test_what_is_said_to_have_stopped_ends_and_what_says_so_stands_for_it(
    rememberer: Rememberer, store: GraphStore, memories: Memories, clock: Calendar
) -> None:
    clock.move(days=100)
    await tell(rememberer, "I work at Acme.", at=10)
    answer = await tell(rememberer, "I no longer work at Acme.", at=20)
    assert actions(answer) == [
        ("ADD", "Ann no longer work at Acme"),
        ("UPDATE", "Ann work at Acme"),
    ]
    old, new = await the(store, "Ann work at Acme"), await the(store, "Ann no longer work at Acme")
    assert (old.valid_to, old.superseded_by) == (day(20), new.id)
    assert await known(memories) == ["Ann no longer work at Acme"]


async def test_taking_back_what_ended_something_lets_it_hold_again(
    rememberer: Rememberer, memories: Memories, journal: Journal, clock: Calendar
) -> None:
    clock.move(days=100)
    await tell(rememberer, "I live in Rome.", at=10)
    moved = await tell(rememberer, "I moved to Oslo.", at=20)
    await Episodes(journal, clock).retract(ACME, moved.episodes[0].id)
    assert await known(memories) == ["Ann live in Rome"]


async def test_several_values_of_a_relation_that_has_several_stand_side_by_side(
    rememberer: Rememberer, memories: Memories
) -> None:
    await tell(rememberer, "I like tea.")
    answer = await tell(rememberer, "I like coffee.")
    assert actions(answer) == [("ADD", "Ann like coffee")]
    assert await known(memories) == ["Ann like coffee", "Ann like tea"]


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


async def test_what_is_asked_to_be_forgotten_is_deleted_with_what_it_made_known(
    rememberer: Rememberer, store: GraphStore, memories: Memories
) -> None:
    await tell(rememberer, "I like tea. I like coffee. I live in Rome.")
    answer = await tell(rememberer, "Forget that I like tea.", scope=Scope("ann", None, "later"))
    assert actions(answer) == [("DELETE", "Ann like tea")]
    assert await known(memories) == ["Ann like coffee", "Ann live in Rome"]
    (page,) = await store.find(ACME, [Find(Fact, (Equal("invalidated_at", None),))])
    assert sorted(each.statement for each in page.records) == [
        "Ann like coffee",
        "Ann live in Rome",
    ]


async def test_forgetting_where_somebody_lives_now_gives_back_where_before(
    rememberer: Rememberer, memories: Memories, clock: Calendar
) -> None:
    clock.move(days=100)
    await tell(rememberer, "I live in Rome.", at=10)
    await tell(rememberer, "I moved to Oslo.", at=20)
    answer = await tell(rememberer, "Forget that I moved to Oslo.", at=30)
    assert actions(answer) == [("DELETE", "Ann moved to Oslo"), ("UPDATE", "Ann live in Rome")]
    assert await known(memories) == ["Ann live in Rome"]


@pytest.mark.parametrize("wish", ["I like cocoa", "that", "?"])
async def test_a_wish_that_names_nothing_known_deletes_nothing(
    rememberer: Rememberer, memories: Memories, wish: str
) -> None:
    await tell(rememberer, "I like tea.")
    answer = await tell(rememberer, f"Forget that {wish}")
    assert actions(answer) == [("NOOP", "")]
    assert await known(memories) == ["Ann like tea"]


async def test_a_wish_reaches_no_other_user_agent_or_organization(
    rememberer: Rememberer, memories: Memories
) -> None:
    for scope in (BOB, EVERYONE, Scope("ann", "other")):
        await tell(rememberer, "I like tea.", scope=scope)
    await tell(rememberer, "I like tea.", access=GLOBEX)
    answer = await tell(rememberer, "Forget that I like tea.")
    assert actions(answer) == [("NOOP", "")]
    assert await known(memories) == ["Ann like tea"] * 3
    assert await known(memories, access=GLOBEX) == ["Ann like tea"]


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


class Stopping:
    """A journal in a process that dies after so many commits."""

    def __init__(self, journal: Journal, commits: int) -> None:
        self.store = journal.store
        self._journal = journal
        self._left = commits

    async def commit(self, access: Access, change_set: ChangeSet) -> object:
        if not self._left:
            raise ConnectionAbortedError
        self._left -= 1
        return await self._journal.commit(access, change_set)


@pytest.mark.parametrize("commits", [1, 2, 3])
async def test_a_call_that_was_cut_off_is_gone_on_with_under_its_key(
    journal: Journal, jobs: Jobs, clock: Calendar, memories: Memories, commits: int
) -> None:
    said = [f"I saw film {number}." for number in range(250)]
    telling = Telling(scope=ANN, messages=[Message(text=text) for text in said])
    cut_off = Rememberer(Stopping(journal, commits), jobs, clock, extractor=Rules())  # type: ignore[arg-type]
    with pytest.raises(ConnectionAbortedError):
        await cut_off.remember(ACME, telling, "k")
    whole = Rememberer(journal, jobs, clock, extractor=Rules())
    answer = await whole.remember(ACME, telling, "k")
    assert [action for action, _ in actions(answer)] == ["ADD"] * 250
    assert [each.text for each in answer.episodes] == said
    assert (await memories.list(ACME, ANYWHERE, EVERYTHING, count_to=1_000)).total == 250


async def test_while_the_extractor_is_away_nothing_is_lost(
    journal: Journal, jobs: Jobs, clock: Calendar, memories: Memories, store: GraphStore
) -> None:
    rememberer = Rememberer(journal, jobs, clock, extractor=Rules(away=3))
    answer = await tell(rememberer, "I live in Rome.", key="k")
    assert answer.decisions == ()
    assert answer.pending is not None
    assert answer.pending.state is JobState.QUEUED
    assert [each.text for each in answer.episodes] == ["I live in Rome."]
    assert await tell(rememberer, "I live in Rome.", key="k") == answer
    async with runner(journal, jobs, clock, {PENDING: rememberer.handle}):
        job = await ended(journal, answer.pending.id)
    assert (job.state, job.done) == (JobState.SUCCEEDED, 1)
    assert await known(memories) == ["Ann live in Rome"]
    assert (await the(store, "Ann live in Rome")).sources == (answer.episodes[0].id,)


async def test_what_was_put_off_is_decided_once_after_a_restart(
    journal: Journal, jobs: Jobs, clock: Calendar, memories: Memories, store: GraphStore
) -> None:
    away = Rememberer(journal, jobs, clock, extractor=None)
    pending = (await tell(away, "I live in Rome. I like tea.")).pending
    assert pending is not None
    after = Jobs(journal, clock)
    await after.take_up([ACME.organization])
    back = Rememberer(journal, after, clock, extractor=Rules())
    async with runner(journal, after, clock, {PENDING: back.handle}):
        await ended(journal, pending.id)
    assert await known(memories) == ["Ann like tea", "Ann live in Rome"]
    (page,) = await store.find(ACME, [Find(Episode)])
    assert len(page.records) == 1


async def test_what_was_put_off_and_forgotten_meanwhile_stays_forgotten(
    journal: Journal, jobs: Jobs, clock: Calendar, memories: Memories
) -> None:
    away = Rememberer(journal, jobs, clock, extractor=Rules(away=1))
    pending = (await tell(away, "I live in Rome.")).pending
    assert pending is not None
    job, scrubbing = pending.id, Forgetting(journal, jobs)
    forgotten = await scrubbing.forget_user(ACME, "ann")
    handlers = {PENDING: away.handle, FORGET_USER: scrubbing.handle}
    async with runner(journal, jobs, clock, handlers):
        await ended(journal, forgotten.record.id)
    assert await known(memories) == []
    assert job not in await journal.store.get(ACME, Job, [job])
