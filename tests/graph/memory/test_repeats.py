"""What is said in other words and arrived apart becomes one, and can be had back."""

from __future__ import annotations

import pytest

from mnemos_graph.feed import Journal
from mnemos_graph.memory.consolidating.backlog import ACTOR
from mnemos_graph.memory.consolidating.passes import Passes
from mnemos_graph.memory.consolidating.repeats import REASON
from mnemos_graph.memory.facts.episodes import Episodes
from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.model import Memory, MemoryType, Scope
from mnemos_graph.store import LATEST, ChangeSet, GraphStore, Put, VersionRef
from tests.conformance.samples import ACME, ANN, BOB, day, entity, fact
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.passing import AllAlike, arrived, passed, position
from tests.graph.memory.telling import known
from tests.graph.stores import EVERY_STORE

ADORES, LOVES = "Ann adores hiking in the Alps.", "Ann loves hiking in the Alps."


@pytest.fixture
def passes(journal: Journal, clock: Calendar) -> Passes:
    return Passes(journal, clock, AllAlike())


@EVERY_STORE
async def test_what_two_said_in_other_words_becomes_one(
    store: GraphStore, passes: Passes, memories: Memories
) -> None:
    first, second = await arrived(store, LOVES), await arrived(store, ADORES)
    tally = await passed(store, passes)
    assert (tally.repeats, await known(memories)) == (1, [LOVES])
    kept = (await store.get(ACME, Memory, [first.id]))[first.id]
    assert kept.sources == (*first.sources, *second.sources)
    last = VersionRef(second.id, LATEST)
    gone = (await store.versions(ACME, Memory, [last]))[last]
    assert (gone.reason, gone.actor) == (REASON, ACTOR)


async def test_a_second_pass_writes_nothing(store: GraphStore, passes: Passes) -> None:
    for text in (LOVES, ADORES, "Ann has a dog."):
        await arrived(store, text)
    await passed(store, passes)
    before = await position(store)
    assert (await passed(store, passes)).total == 0
    assert await position(store) == before


async def test_what_says_more_stays(store: GraphStore, passes: Passes, memories: Memories) -> None:
    await arrived(store, "Ann drinks coffee.")
    await arrived(store, "Ann drinks black coffee.")
    await passed(store, passes)
    assert await known(memories) == ["Ann drinks black coffee."]


async def test_what_was_restored_is_left_alone(
    store: GraphStore, passes: Passes, memories: Memories
) -> None:
    await arrived(store, LOVES)
    second = await arrived(store, ADORES)
    await passed(store, passes)
    await memories.restore(ACME, second.id)
    assert (await passed(store, passes)).total == 0
    assert await known(memories) == [ADORES, LOVES]


async def test_either_source_is_enough_for_what_both_said(
    store: GraphStore, passes: Passes, memories: Memories, episodes: Episodes
) -> None:
    first, second = await arrived(store, LOVES), await arrived(store, ADORES)
    await passed(store, passes)
    await episodes.retract(ACME, first.sources[0])
    assert await known(memories) == [LOVES]
    await episodes.retract(ACME, second.sources[0])
    assert await known(memories) == []


@pytest.mark.parametrize(
    "given",
    [
        {"scope": BOB},
        {"scope": Scope()},
        {"scope": Scope("ann", "helper")},
        {"pinned": True},
        {"type": MemoryType.PROCEDURAL},
        {"expires_at": day(9)},
        {"valid_to": day(1)},
        {"speaker": "Bob"},
        {"metadata": {"ticket": 7}},
        {"valid_from": day(-9)},
    ],
)
async def test_what_belongs_elsewhere_or_was_wanted_as_it_is_stays(
    store: GraphStore, passes: Passes, given: dict[str, object]
) -> None:
    await arrived(store, LOVES)
    other = await arrived(store, ADORES, **given)
    assert [(await passed(store, passes, each)).total for each in (ANN, BOB, Scope())] == [0, 0, 0]
    assert (await store.get(ACME, Memory, [other.id]))[other.id] == other


@pytest.mark.parametrize(
    "other",
    [
        "Ann hates hiking in the Alps.",
        "Ann loved hiking in the Alps.",
        "Ann loves hiking in the Andes.",
        "Ann does not love hiking in the Alps.",
        "Ann loves hiking in the Alps 2 days a week.",
    ],
)
async def test_what_means_something_else_stays(
    store: GraphStore, passes: Passes, other: str
) -> None:
    await arrived(store, LOVES)
    await arrived(store, other)
    assert (await passed(store, passes)).total == 0


async def test_what_states_the_same_becomes_what_says_most_of_it(
    store: GraphStore, journal: Journal, clock: Calendar, memories: Memories
) -> None:
    ann, acme = entity(), entity("Acme", "ORGANIZATION")
    works = fact(ann, "works_at", acme)
    for each in (ann, acme, works):
        await store.commit(ACME, ChangeSet((Put(each),)))
    for text in ("Ann works at Acme.", "Ann's employer is Acme.", "Ann works at Acme as a diver."):
        await arrived(store, text, fact_ids=(works.id,), entity_ids=(ann.id,))
    await passed(store, Passes(journal, clock))
    assert await known(memories) == ["Ann works at Acme as a diver."]
