"""What is known of an entity in a few sentences follows what is known."""

from __future__ import annotations

import pytest

from mnemos_graph.errors import Declined
from mnemos_graph.feed import Journal
from mnemos_graph.language.summarizer import LONGEST, About, JoinsStatements
from mnemos_graph.memory.consolidating.backlog import ACTOR
from mnemos_graph.memory.consolidating.passes import Passes
from mnemos_graph.memory.facts.facts import Facts, FactWritten, NewFact
from mnemos_graph.memory.facts.naming import EntityRef
from mnemos_graph.memory.reading import every
from mnemos_graph.model import Entity
from mnemos_graph.store import Find, GraphStore, VersionRef
from tests.conformance.samples import ACME, ANN, BOB
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.passing import passed, position
from tests.graph.stores import EVERY_STORE


class Counts:
    """A summarizer that keeps what it was asked."""

    name = "counts"

    def __init__(self) -> None:
        self.asked: list[About] = []

    async def summarize(self, about: About) -> str:
        self.asked.append(about)
        return f"{len(about.statements)} things are known of {about.name}."


class Declines(Counts):
    async def summarize(self, about: About) -> str:
        self.asked.append(about)
        raise Declined("Not this.")


@pytest.fixture
def passes(journal: Journal, clock: Calendar) -> Passes:
    return Passes(journal, clock)


async def state(facts: Facts, predicate: str, value: str) -> FactWritten:
    lena = EntityRef(name="Lena", kind="PERSON")
    new = NewFact(subject=lena, predicate=predicate, value=value, scope=ANN)
    return await facts.assert_(ACME, new)


async def several(facts: Facts) -> None:
    for predicate, value in (("likes", "tea"), ("lives_in", "Porto"), ("works_at", "Acme")):
        await state(facts, predicate, value)


async def lena(store: GraphStore) -> Entity:
    (found,) = await every(store, ACME, Find(Entity))
    return found


async def test_without_a_model_it_says_what_was_stated(
    store: GraphStore, passes: Passes, facts: Facts
) -> None:
    await several(facts)
    assert (await passed(store, passes)).summaries == 1
    entity = await lena(store)
    assert entity.summary == "Lena works at Acme. Lena lives in Porto. Lena likes tea."
    ref = VersionRef(entity.id, entity.version)
    version = (await store.versions(ACME, Entity, [ref]))[ref]
    assert version.actor == ACTOR
    assert version.reason.startswith("summary of 3 facts")


@EVERY_STORE
async def test_it_follows_what_changes_and_goes_with_it(
    store: GraphStore, passes: Passes, facts: Facts
) -> None:
    await several(facts)
    await passed(store, passes)
    moved = await state(facts, "lives_in", "Oslo")
    await passed(store, passes)
    summary = (await lena(store)).summary
    assert summary
    assert "Oslo" in summary
    assert "Porto" not in summary
    await facts.invalidate(ACME, moved.fact.id)
    for fact in (await facts.find(ACME)).records[:1]:
        await facts.end(ACME, fact.id)
    await passed(store, passes)
    assert (await lena(store)).summary is None


async def test_few_facts_say_themselves_what_is_known(
    store: GraphStore, passes: Passes, facts: Facts
) -> None:
    await state(facts, "likes", "tea")
    await state(facts, "likes", "figs")
    assert (await passed(store, passes)).total == 0


async def test_a_model_is_asked_once_for_what_is_known(
    store: GraphStore, journal: Journal, clock: Calendar, facts: Facts
) -> None:
    counts = Counts()
    passes = Passes(journal, clock, summarizer=counts)
    await several(facts)
    await passed(store, passes)
    assert (await lena(store)).summary == "3 things are known of Lena."
    before = await position(store)
    await passed(store, passes)
    assert (len(counts.asked), await position(store)) == (1, before)
    await state(facts, "likes", "figs")
    await passed(store, passes)
    assert [len(each.statements) for each in counts.asked] == [3, 4]


async def test_where_the_model_cannot_the_rules_do_and_it_is_not_asked_again(
    store: GraphStore, journal: Journal, clock: Calendar, facts: Facts
) -> None:
    declines = Declines()
    passes = Passes(journal, clock, summarizer=declines)
    await several(facts)
    await passed(store, passes)
    await passed(store, passes)
    assert "Lena lives in Porto." in ((await lena(store)).summary or "")
    assert len(declines.asked) == 1


async def test_others_facts_about_a_shared_entity_are_not_told(
    store: GraphStore, passes: Passes, facts: Facts
) -> None:
    shared = await facts.assert_(
        ACME,
        NewFact(subject=EntityRef(name="Acme"), predicate="in", value="Oslo", scope=type(ANN)()),
    )
    for value in ("slow", "loud", "late"):
        new = NewFact(
            subject=EntityRef(id=shared.fact.subject_id), predicate="is", value=value, scope=BOB
        )
        await facts.assert_(ACME, new)
    for scope in (BOB, type(ANN)()):
        assert (await passed(store, passes, scope)).total == 0


async def test_rules_leave_out_what_there_is_no_room_for() -> None:
    statements = ["It is red.", "x" * LONGEST, "It is old"]
    about = About(name="It", kind="TOPIC", statements=statements)
    assert await JoinsStatements().summarize(about) == "It is red. It is old."
