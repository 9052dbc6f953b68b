"""Facts as their callers state, end and take them back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, cast

import pytest

from mnemos_graph.errors import BadInput, Conflict, NotFound, TooMuch
from mnemos_graph.feed import Journal, LocalBus
from mnemos_graph.memory.facts.facts import Facts, FactWritten, NewFact
from mnemos_graph.memory.facts.naming import EntityRef
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.model import Access, Entity, Fact, Memory, Origin, Record, RecordId, Scope
from mnemos_graph.store import ChangeSet, Find, GraphStore, Page, Put
from tests.conformance.samples import ACME, ANN, BOB, EVERYONE, GLOBEX, day, entity, memory
from tests.graph.memory.conftest import Calendar
from tests.graph.stores import EVERY_STORE

R = TypeVar("R", bound=Record)
PERSON = EntityRef(name="Ann", kind="PERSON")
ANNS = ReadScope(user_id="ann", include_shared=False)


def stated(value: str | EntityRef = "Oslo", since: float | None = None, **given: Any) -> NewFact:
    target = {"value": value} if isinstance(value, str) else {"object": value}
    when = {} if since is None else {"valid_from": day(since)}
    base = {"subject": PERSON, "predicate": "lives_in", "scope": ANN}
    return NewFact(**(base | target | when | given))  # type: ignore[arg-type]


async def state(facts: Facts, *args: Any, **given: Any) -> FactWritten:
    return await facts.assert_(ACME, stated(*args, **given))


async def values(facts: Facts, **asked: Any) -> list[str | None]:
    return [each.value for each in (await facts.find(ACME, ANNS, **asked)).records]


async def entities(store: GraphStore) -> list[Entity]:
    (page,) = await store.find(ACME, [Find(Entity)])
    return list(page.records)


async def test_a_fact_makes_the_entities_that_nobody_knew(facts: Facts, store: GraphStore) -> None:
    written = await state(facts, EntityRef(name="Oslo", kind="place"), since=1)
    ann, oslo = await entities(store)
    assert (ann.name, ann.kind, oslo.name, oslo.kind) == ("Ann", "PERSON", "Oslo", "PLACE")
    assert (written.fact.subject_id, written.fact.object_id) == (ann.id, oslo.id)
    assert (written.fact.statement, written.fact.asserted) == ("Ann lives in Oslo", True)
    again = await state(facts, EntityRef(name="OSLO"), since=9, predicate="was in")
    assert (again.fact.object_id, again.fact.predicate) == (oslo.id, "was_in")


async def test_a_newer_value_ends_the_older_and_says_so(facts: Facts) -> None:
    oslo = await state(facts, "Oslo", since=1)
    bergen = await state(facts, "Bergen", since=5)
    assert [each.id for each in bergen.closed] == [oslo.fact.id]
    assert (bergen.closed[0].valid_to, bergen.closed[0].closed_by) == (day(5), bergen.fact.id)
    assert await values(facts, as_of=day(4)) == ["Oslo"]
    assert await values(facts, as_of=day(5)) == ["Bergen"]
    assert await values(facts, as_of=day(0)) == []


async def test_an_older_value_told_later_is_ended_from_the_start(facts: Facts) -> None:
    bergen = await state(facts, "Bergen", since=5)
    oslo = await state(facts, "Oslo", since=1)
    assert (oslo.fact.valid_to, oslo.fact.closed_by, oslo.closed) == (day(5), bergen.fact.id, ())
    assert await values(facts, as_of=day(6)) == ["Bergen"]


async def test_undated_values_follow_each_other_as_they_are_told(
    facts: Facts, clock: Calendar
) -> None:
    first = await state(facts, "Oslo")
    assert first.fact.valid_from is None
    clock.move(days=3)
    second = await state(facts, "Bergen")
    assert (second.closed[0].valid_to, second.fact.valid_from) == (day(3), day(3))
    assert await values(facts) == ["Bergen"]


async def test_likes_never_end_each_other(facts: Facts) -> None:
    await state(facts, "tea", since=1, predicate="likes")
    written = await state(facts, "coffee", since=5, predicate="likes")
    assert written.closed == ()
    assert await values(facts, as_of=day(6)) == ["tea", "coffee"]


async def test_what_is_said_again_is_the_same_fact(
    facts: Facts, store: GraphStore, clock: Calendar
) -> None:
    first = await state(facts, "Oslo", since=1, confidence=0.5)
    same = await state(facts, " oslo", since=1, confidence=0.5)
    assert same.fact == first.fact
    clock.move(days=9)
    assert (await state(facts, "Oslo", confidence=0.9)).fact == replace(
        first.fact, confidence=0.9, version=2, updated_at=day(9)
    )
    assert len(await entities(store)) == 1


async def test_a_key_answers_a_statement_as_the_first_time(facts: Facts, store: GraphStore) -> None:
    await state(facts, "Oslo", since=1)
    first = await facts.assert_(ACME, stated("Bergen", 5), key="k")
    await state(facts, "Rome", since=9)
    written = len(await store.changes(ACME))
    assert await facts.assert_(ACME, stated("Bergen", 5), key="k") == first
    assert len(await store.changes(ACME)) == written
    with pytest.raises(Conflict):
        await facts.assert_(ACME, stated("Bergen", 6), key="k")


@EVERY_STORE
async def test_a_crowd_that_states_at_once_leaves_one_value_at_a_time(
    facts: Facts, store: GraphStore
) -> None:
    await state(facts, "tea", predicate="likes")
    await asyncio.gather(*(state(facts, f"Place {n}", since=n) for n in range(1, 13)))
    for number in range(1, 13):
        found = await values(facts, as_of=day(number + 0.5), predicates=["lives_in"])
        assert found == [f"Place {number}"]
    assert len(await entities(store)) == 1


async def test_an_ended_fact_still_answers_for_the_time_before(
    facts: Facts, clock: Calendar
) -> None:
    oslo = (await state(facts, "Oslo", since=1)).fact
    ended = (await facts.end(ACME, oslo.id, day(4))).fact
    assert (ended.valid_to, ended.closed_by, ended.invalidated_at) == (day(4), None, None)
    assert await values(facts, as_of=day(3)) == ["Oslo"]
    assert await values(facts, as_of=day(4)) == []
    clock.move(days=2)
    assert (await facts.end(ACME, oslo.id)).fact.valid_to == day(2)
    with pytest.raises(BadInput, match="before it began"):
        await facts.end(ACME, oslo.id, day(0))


async def test_what_was_never_so_gives_back_what_it_had_ended(
    facts: Facts, clock: Calendar
) -> None:
    oslo = await state(facts, "Oslo", since=1)
    bergen = await state(facts, "Bergen", since=5)
    clock.move(days=7)
    gone = await facts.invalidate(ACME, bergen.fact.id)
    assert gone.fact.invalidated_at == day(7)
    assert await values(facts, as_of=day(6)) == ["Oslo"]
    assert sorted(filter(None, await values(facts, include_invalid=True))) == ["Bergen", "Oslo"]
    again = await facts.invalidate(ACME, bergen.fact.id)
    assert (again.fact, oslo.fact.id != bergen.fact.id) == (gone.fact, True)
    with pytest.raises(BadInput):
        await facts.end(ACME, bergen.fact.id)


async def test_what_was_never_so_can_be_stated_anew(facts: Facts) -> None:
    first = await state(facts, "Oslo", since=1)
    await facts.invalidate(ACME, first.fact.id)
    assert (await state(facts, "Oslo", since=1)).fact.id != first.fact.id


async def test_agents_and_users_do_not_contradict_each_other(facts: Facts) -> None:
    await state(facts, "Oslo", since=1)
    for other in [BOB, EVERYONE, Scope("ann", "coach")]:
        assert (await state(facts, "Rome", since=5, scope=other)).closed == ()
    session = Scope("ann", None, "s1")
    assert len((await state(facts, "Bergen", since=5, scope=session)).closed) == 1


@EVERY_STORE
async def test_a_users_facts_refer_to_shared_entities_but_never_to_anothers(
    facts: Facts, store: GraphStore
) -> None:
    oslo, bob = entity("Oslo", "PLACE", scope=EVERYONE), entity("Bob", scope=BOB)
    await store.commit(ACME, ChangeSet((Put(oslo), Put(bob))))
    assert (await state(facts, EntityRef(name="oslo"))).fact.object_id == oslo.id
    for new, error in [
        (stated(EntityRef(id=bob.id)), BadInput),
        (stated(subject=EntityRef(id=bob.id)), BadInput),
        (stated(subject=EntityRef(id=bob.id), scope=EVERYONE), BadInput),
        (stated(EntityRef(id=RecordId("unknown"))), NotFound),
    ]:
        with pytest.raises(error):
            await facts.assert_(ACME, new)
    with pytest.raises(NotFound):
        await facts.assert_(GLOBEX, stated(EntityRef(id=bob.id), scope=BOB))


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"value": None}, BadInput),
        ({"object": PERSON}, BadInput),
        ({"value": " "}, BadInput),
        ({"value": "x" * 40_000}, TooMuch),
        ({"statement": ""}, BadInput),
        ({"predicate": "!!"}, BadInput),
        ({"predicate": "p" * 65}, TooMuch),
        ({"confidence": 1.5}, BadInput),
        ({"confidence": float("nan")}, BadInput),
        ({"valid_from": datetime(2026, 1, 1)}, BadInput),  # noqa: DTZ001 - what is refused
        ({"subject": EntityRef()}, BadInput),
        ({"subject": EntityRef(id=RecordId("x"), name="Ann")}, BadInput),
        ({"subject": EntityRef(name="Ann", kind="…")}, BadInput),
        ({"subject": EntityRef(name="\0")}, BadInput),
    ],
)
async def test_a_statement_that_cannot_be_leaves_nothing_behind(
    facts: Facts, store: GraphStore, wrong: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await facts.assert_(ACME, replace(stated(), **wrong))
    assert await store.changes(ACME) == []


async def test_a_name_of_two_kinds_needs_its_kind(facts: Facts, store: GraphStore) -> None:
    two = (Put(entity("Paris", "PLACE")), Put(entity("Paris", "PERSON")))
    await store.commit(ACME, ChangeSet(two))
    with pytest.raises(BadInput, match="PERSON and PLACE"):
        await state(facts, EntityRef(name="Paris"))
    await state(facts, EntityRef(name="Paris", kind="PLACE"))


@pytest.mark.parametrize("operation", ["end", "invalidate"])
async def test_a_fact_that_is_not_there_cannot_be_changed(facts: Facts, operation: str) -> None:
    hers = (await state(facts)).fact.id
    with pytest.raises(NotFound):
        await getattr(facts, operation)(ACME, RecordId("unknown"))
    with pytest.raises(NotFound):
        await getattr(facts, operation)(GLOBEX, hers)


@EVERY_STORE
async def test_memories_end_and_hold_again_with_their_facts(
    facts: Facts, store: GraphStore
) -> None:
    oslo = (await state(facts, "Oslo", since=1)).fact
    kept = memory("Ann lives in Oslo", fact_ids=(oslo.id,))
    tea = memory("Ann likes tea")
    await store.commit(ACME, ChangeSet((Put(kept), Put(tea))))

    async def valid_to() -> datetime | None:
        return (await store.get(ACME, Memory, [kept.id]))[kept.id].valid_to

    bergen = (await state(facts, "Bergen", since=5)).fact
    assert await valid_to() == day(5)
    await facts.invalidate(ACME, bergen.id)
    assert await valid_to() is None
    await facts.end(ACME, oslo.id, day(3))
    assert await valid_to() == day(3)
    assert (await store.get(ACME, Memory, [tea.id]))[tea.id] == tea


async def test_an_inferred_memory_goes_with_its_last_fact(facts: Facts, store: GraphStore) -> None:
    oslo = (await state(facts, "Oslo", since=1)).fact
    inferred = memory("Ann lives in Oslo", fact_ids=(oslo.id,), origin=Origin.INFERRED)
    written = memory("Ann lives in Oslo", fact_ids=(oslo.id,))
    await store.commit(ACME, ChangeSet((Put(inferred), Put(written))))
    await facts.invalidate(ACME, oslo.id)
    assert set(await store.get(ACME, Memory, [inferred.id, written.id])) == {written.id}


@EVERY_STORE
async def test_facts_are_found_by_subject_and_predicate_page_by_page(facts: Facts) -> None:
    for number in range(5):
        await state(facts, f"tea {number}", predicate="likes")
    ann = (await state(facts, "Oslo")).fact.subject_id
    page = await facts.find(ACME, subject_id=ann, predicates=["Likes"], first=4, count_to=10)
    assert (len(page.records), page.has_more, page.total) == (4, True, 5)
    assert (await facts.find(ACME, subject_id=RecordId("unknown"))).records == ()
    with pytest.raises(BadInput):
        await facts.find(ACME, first=0)


class ToldWhileRead:
    """Somebody else states a fact just after the facts of a line were read for the first time."""

    def __init__(self, store: GraphStore, clock: Calendar) -> None:
        self._store = store
        self._rival = Facts(Journal(store, LocalBus()), clock)
        self.armed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def find(self, access: Access, questions: Sequence[Find[R]]) -> Sequence[Page[R]]:
        found = await self._store.find(access, questions)
        if self.armed and questions and questions[0].kind is Fact:
            self.armed = False
            await state(self._rival, "Bergen", since=5)
        return found


@EVERY_STORE
async def test_what_is_told_while_a_line_is_read_is_not_overlooked(
    store: GraphStore, clock: Calendar
) -> None:
    interrupted = ToldWhileRead(store, clock)
    facts = Facts(Journal(cast("GraphStore", interrupted), LocalBus()), clock)
    await state(facts, "tea", predicate="likes")
    interrupted.armed = True
    tromso = await state(facts, "Tromsø", since=9)
    assert [each.value for each in tromso.closed] == ["Bergen"]
    assert await values(facts, as_of=day(20)) == ["tea", "Tromsø"]
