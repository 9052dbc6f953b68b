"""A short name and a whole one become one entity where that is clear, and stay two elsewhere."""

from __future__ import annotations

import pytest

from mnemos_graph.feed import Journal
from mnemos_graph.memory.consolidating.backlog import ACTOR
from mnemos_graph.memory.consolidating.passes import Passes
from mnemos_graph.memory.facts.entities import Entities
from mnemos_graph.memory.facts.facts import Facts, NewFact
from mnemos_graph.memory.facts.naming import EntityRef
from mnemos_graph.memory.reading import every
from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.model import Entity, Fact, Scope
from mnemos_graph.store import Equal, Find, GraphStore, Present, VersionRef
from tests.conformance.samples import ACME, ANN, BOB
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.passing import arrived, passed, position
from tests.graph.memory.telling import known
from tests.graph.stores import EVERY_STORE

SAM, SAMUEL = "Sam", "Samuel Reed"


@pytest.fixture
def passes(journal: Journal, clock: Calendar) -> Passes:
    return Passes(journal, clock)


async def state(
    facts: Facts,
    subject: str,
    predicate: str,
    value: str,
    *,
    scope: Scope = ANN,
    kind: str = "PERSON",
) -> None:
    ref = EntityRef(name=subject, kind=kind)
    await facts.assert_(ACME, NewFact(subject=ref, predicate=predicate, value=value, scope=scope))


async def standing(store: GraphStore) -> list[str]:
    """Return the names of those who were merged into nobody."""
    where = (Present("merged_into", present=False),)
    return sorted(each.name for each in await every(store, ACME, Find(Entity, where)))


async def of(store: GraphStore, *names: str) -> tuple[Entity, ...]:
    found = {each.name: each for each in await every(store, ACME, Find(Entity))}
    return tuple(found[name] for name in names)


@pytest.mark.parametrize(
    "same",
    [
        [("email", "sam@reed.org")],
        [("birthday", "3 May")],
        [("lives_in", "Oslo"), ("works_at", "Acme")],
    ],
)
async def test_a_short_name_is_the_one_person_who_has_the_same_to_them(
    store: GraphStore, passes: Passes, facts: Facts, same: list[tuple[str, str]]
) -> None:
    for name in (SAM, SAMUEL):
        for predicate, value in same:
            await state(facts, name, predicate, value)
    assert (await passed(store, passes)).names == 1
    assert await standing(store) == [SAMUEL]
    short, whole = await of(store, SAM, SAMUEL)
    assert (short.merged_into, whole.aliases) == (whole.id, (SAM,))
    last = VersionRef(short.id, short.version)
    version = (await store.versions(ACME, Entity, [last]))[last]
    assert version.actor == ACTOR
    assert "both have the same" in version.reason


async def test_a_merge_is_taken_back_and_not_made_again(
    store: GraphStore, passes: Passes, facts: Facts, entities: Entities
) -> None:
    for name in (SAM, SAMUEL):
        await state(facts, name, "email", "sam@reed.org")
    await passed(store, passes)
    (short,) = await of(store, SAM)
    assert short.merge_id
    await entities.unmerge(ACME, short.merge_id)
    before = await position(store)
    assert (await passed(store, passes)).total == 0
    assert (await standing(store), await position(store)) == ([SAM, SAMUEL], before)


@pytest.mark.parametrize(
    "more",
    [
        [],
        [(SAM, "likes", "tea"), (SAMUEL, "likes", "tea"), (SAM, "likes", "figs")],
        [(SAM, "email", "a@b.org"), (SAMUEL, "email", "c@d.org")],
        [(SAM, "email", "a@b.org"), (SAMUEL, "email", "a@b.org"), ("Samantha Poe", "age", "9")],
        [(SAM, "email", "a@b.org"), ("Ole Reed", "email", "a@b.org")],
        [
            (SAM, "email", "a@b.org"),
            (SAMUEL, "email", "a@b.org"),
            (SAM, "lives_in", "Oslo"),
            (SAMUEL, "lives_in", "Rome"),
        ],
    ],
)
async def test_who_is_doubtful_stays_two(
    store: GraphStore, passes: Passes, facts: Facts, more: list[tuple[str, str, str]]
) -> None:
    for name in (SAM, SAMUEL):
        await state(facts, name, "hair", "red")
    for name, predicate, value in more:
        await state(facts, name, predicate, value)
    assert (await passed(store, passes)).names == 0


async def test_two_who_are_told_of_together_stay_two(
    store: GraphStore, passes: Passes, facts: Facts
) -> None:
    for name in (SAM, SAMUEL):
        await state(facts, name, "email", "sam@reed.org")
    both = tuple(each.id for each in await of(store, SAM, SAMUEL))
    await arrived(store, "Sam went fishing with Samuel Reed.", entity_ids=both)
    assert (await passed(store, passes)).names == 0


@pytest.mark.parametrize(
    "said",
    [
        "Samuel Reed goes by Sam.",
        "Samuel Reed, known as Sam, came by.",
        "Sam is short for Samuel Reed.",
        "Sam's full name is Samuel Reed.",
    ],
)
async def test_a_sentence_says_who_is_who(
    store: GraphStore, passes: Passes, facts: Facts, said: str
) -> None:
    for name in (SAM, SAMUEL):
        await state(facts, name, "hair", "red", kind="TOPIC" if name == SAM else "PERSON")
    both = tuple(each.id for each in await of(store, SAM, SAMUEL))
    await arrived(store, said, entity_ids=both)
    await passed(store, passes)
    assert await standing(store) == [SAMUEL]


async def test_the_users_own_name_is_the_user(
    store: GraphStore, passes: Passes, facts: Facts
) -> None:
    await state(facts, "user", "name", SAMUEL)
    await state(facts, SAMUEL, "likes", "tea")
    await passed(store, passes)
    assert await standing(store) == ["user"]


async def test_who_has_the_users_first_name_is_somebody_else(
    store: GraphStore, passes: Passes, facts: Facts
) -> None:
    await state(facts, "user", "name", SAM)
    await state(facts, SAM, "likes", "tea")
    for predicate in ("name", "likes"):
        await state(facts, "user", predicate, SAMUEL, scope=Scope())
    await state(facts, SAMUEL, "likes", "tea", scope=Scope())
    assert [(await passed(store, passes, each)).names for each in (ANN, Scope())] == [0, 0]


async def test_a_kind_that_was_not_known_is_that_of_the_same_whole_name(
    store: GraphStore, passes: Passes, facts: Facts
) -> None:
    for name in (SAM, SAMUEL):
        await state(facts, name, "hair", "red")
        await state(facts, name, "seen", "often", kind="TOPIC")
    await passed(store, passes)
    assert await standing(store) == [SAM, SAM, SAMUEL]


async def test_nobody_is_looked_for_in_another_partition(
    store: GraphStore, passes: Passes, facts: Facts
) -> None:
    await state(facts, SAM, "email", "sam@reed.org")
    await state(facts, SAMUEL, "email", "sam@reed.org", scope=BOB)
    await state(facts, "Sammy Reed", "email", "sam@reed.org", scope=Scope())
    for scope in (ANN, BOB, Scope()):
        assert (await passed(store, passes, scope)).names == 0


async def test_what_was_said_of_one_name_goes_on_where_the_other_says_it_too(
    store: GraphStore, passes: Passes, facts: Facts, memories: Memories, clock: Calendar
) -> None:
    for name in (SAMUEL, SAM):
        clock.move(1)
        await state(facts, name, "email", "sam@reed.org")
        (each,) = await of(store, name)
        (page,) = await store.find(ACME, [Find(Fact, (Equal("subject_id", each.id),))])
        await arrived(store, f"{name} is a diver: sam@reed.org.", fact_ids=(page.records[0].id,))
    assert (await passed(store, passes)).names == 1
    clock.move(1)
    both = ["Sam is a diver: sam@reed.org.", "Samuel Reed is a diver: sam@reed.org."]
    assert await known(memories) in (both, both[1:])
    await state(facts, SAM, "email", "sam@new.org")
    clock.move(1)
    assert await known(memories) == []


@EVERY_STORE
async def test_what_both_names_said_becomes_one_memory(
    store: GraphStore, passes: Passes, facts: Facts, memories: Memories
) -> None:
    for name in (SAM, SAMUEL):
        await state(facts, name, "email", "sam@reed.org")
        await state(facts, name, "likes", "tea")
    for each in await of(store, SAM, SAMUEL):
        where = (Equal("subject_id", each.id), Equal("predicate", "likes"))
        (page,) = await store.find(ACME, [Find(Fact, where)])
        ids = tuple(fact.id for fact in page.records)
        await arrived(store, f"{each.name} likes tea.", entity_ids=(each.id,), fact_ids=ids)
    tally = await passed(store, passes)
    assert (tally.names, tally.repeats) == (1, 1)
    assert await known(memories) == ["Samuel Reed likes tea."]
