"""Entities found, merged and taken apart again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from mnemos_graph.errors import BadInput, NotFound
from mnemos_graph.memory.facts.entities import Entities, Merged
from mnemos_graph.memory.facts.facts import Facts, NewFact
from mnemos_graph.memory.facts.naming import EntityRef
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.model import Entity, Fact, RecordId
from mnemos_graph.store import ChangeSet, Find, GraphStore, Mark, Put
from tests.conformance.samples import ACME, ANN, BOB, EVERYONE, GLOBEX, day, entity
from tests.graph.stores import EVERY_STORE

ANNS = ReadScope(user_id="ann")


@pytest.fixture
async def cast(store: GraphStore) -> Mapping[str, Entity]:
    """Ann under three names, and a stranger."""
    made = [entity("Ann"), entity("Annie", aliases=("A.",)), entity("Dr Berg"), entity("Tom")]
    await store.commit(ACME, ChangeSet(tuple(Put(each) for each in made)))
    return {each.name: each for each in made}


async def lives(facts: Facts, who: Entity, place: str, since: float) -> Fact:
    new = NewFact(
        subject=EntityRef(id=who.id),
        predicate="lives_in",
        value=place,
        scope=ANN,
        valid_from=day(since),
    )
    return (await facts.assert_(ACME, new)).fact


async def places(facts: Facts, who: Entity, at: float) -> list[str | None]:
    return [
        each.value for each in (await facts.find(ACME, subject_id=who.id, as_of=day(at))).records
    ]


async def all_facts(store: GraphStore) -> list[tuple[Any, ...]]:
    (page,) = await store.find(ACME, [Find(Fact)])
    return [(each.id, each.valid_from, each.valid_to, each.closed_by) for each in page.records]


async def merge(entities: Entities, into: Entity, *others: Entity) -> Merged:
    return await entities.merge(ACME, into.id, [each.id for each in others])


def names(found: Sequence[Entity]) -> list[str]:
    return [each.name for each in found]


async def test_entities_are_found_by_name_alias_and_kind(
    entities: Entities, store: GraphStore, cast: Mapping[str, Entity]
) -> None:
    await store.commit(
        ACME, ChangeSet((Put(entity("Ann Lane", "PLACE")), Put(entity("Ann", scope=BOB))))
    )
    assert names((await entities.find(ACME, ANNS, text="ann")).records) == ["Ann", "Ann Lane"]
    assert names((await entities.find(ACME, ANNS, text="a.")).records) == ["Annie"]
    assert names((await entities.find(ACME, ANNS, kinds=["place"])).records) == ["Ann Lane"]
    first = await entities.find(ACME, ANNS, first=4, count_to=9)
    after = Mark(first.records[-1].id, first.records[-1].id)
    assert (first.total, first.has_more) == (5, True)
    assert names((await entities.find(ACME, ANNS, after=after)).records) == ["Ann Lane"]
    with pytest.raises(BadInput):
        await entities.find(ACME, first=0)


@EVERY_STORE
async def test_a_name_is_resolved_once_for_a_crowd(entities: Entities, store: GraphStore) -> None:
    ref = EntityRef(name="Oslo", kind="PLACE")
    found = await asyncio.gather(*(entities.resolve(ACME, ref, ANN) for _ in range(20)))
    assert len({each.id for each in found}) == 1
    assert len(await store.changes(ACME)) == 1


@EVERY_STORE
async def test_the_merged_share_facts_names_and_one_line(
    entities: Entities, facts: Facts, cast: Mapping[str, Entity]
) -> None:
    ann, annie, berg = cast["Ann"], cast["Annie"], cast["Dr Berg"]
    await lives(facts, ann, "Oslo", 1)
    await lives(facts, annie, "Bergen", 5)
    await lives(facts, berg, "Rome", 3)
    merged = await merge(entities, ann, annie, berg)
    assert merged.entity.aliases == ("Annie", "A.", "Dr Berg")
    assert {each.merged_into for each in merged.merged} == {ann.id}
    assert await entities.canonical(ACME, [annie.id]) == {annie.id: merged.entity}
    for who in (ann, annie, berg):
        assert [await places(facts, who, at) for at in (2, 4, 6)] == [
            ["Oslo"],
            ["Rome"],
            ["Bergen"],
        ]
    assert names((await entities.find(ACME, text="annie")).records) == ["Ann"]
    assert (await entities.resolve(ACME, EntityRef(name="Annie"), ANN)).id == ann.id


@EVERY_STORE
async def test_unmerging_gives_everything_back(
    entities: Entities, facts: Facts, store: GraphStore, cast: Mapping[str, Entity]
) -> None:
    ann, annie, berg = cast["Ann"], cast["Annie"], cast["Dr Berg"]
    for who, place, since in [(ann, "Oslo", 1), (annie, "Bergen", 5), (berg, "Rome", 3)]:
        await lives(facts, who, place, since)
    before = await all_facts(store)
    merged = await merge(entities, ann, annie, berg)
    assert await all_facts(store) != before
    apart = await entities.unmerge(ACME, merged.merge_id)
    assert await all_facts(store) == before
    found = await store.get(ACME, Entity, [ann.id, annie.id, berg.id])
    for was in (ann, annie, berg):
        now = found[was.id]
        assert replace(now, version=1, updated_at=was.updated_at) == was
    assert (apart.entity.id, {each.id for each in apart.merged}) == (ann.id, {annie.id, berg.id})
    with pytest.raises(NotFound):
        await entities.unmerge(ACME, merged.merge_id)


async def test_a_fact_stated_of_a_merged_entity_is_one_of_its_root(
    entities: Entities, facts: Facts, cast: Mapping[str, Entity]
) -> None:
    ann, annie = cast["Ann"], cast["Annie"]
    oslo = await lives(facts, annie, "Oslo", 1)
    merged = await merge(entities, ann, annie)
    bergen = await lives(facts, annie, "Bergen", 5)
    assert bergen.subject_id == ann.id
    assert (await lives(facts, ann, "Oslo", 1)).id == oslo.id
    await entities.unmerge(ACME, merged.merge_id)
    assert (await places(facts, ann, 6), await places(facts, annie, 6)) == (["Bergen"], ["Oslo"])


async def test_merges_of_merges_are_taken_back_in_any_order(
    entities: Entities, facts: Facts, store: GraphStore, cast: Mapping[str, Entity]
) -> None:
    ann, annie, berg = cast["Ann"], cast["Annie"], cast["Dr Berg"]
    for who, place, since in [(ann, "Oslo", 1), (annie, "Bergen", 5), (berg, "Rome", 3)]:
        await lives(facts, who, place, since)
    before = await all_facts(store)
    inner = await merge(entities, annie, berg)
    outer = await merge(entities, ann, annie)
    assert await places(facts, berg, 4) == ["Rome"]
    await entities.unmerge(ACME, inner.merge_id)
    assert (await places(facts, berg, 9), await places(facts, ann, 4)) == (["Rome"], ["Oslo"])
    await entities.unmerge(ACME, outer.merge_id)
    assert await all_facts(store) == before


@EVERY_STORE
async def test_what_was_known_before_a_merge_is_still_known_so(
    entities: Entities, facts: Facts, store: GraphStore, cast: Mapping[str, Entity]
) -> None:
    ann, annie = cast["Ann"], cast["Annie"]
    await lives(facts, ann, "Oslo", 1)
    await lives(facts, annie, "Bergen", 5)
    await asyncio.sleep(0.002)
    then = (await store.changes(ACME))[-1].at
    await asyncio.sleep(0.002)
    await merge(entities, ann, annie)
    page = await facts.find(ACME, subject_id=ann.id, as_of=day(6), known_at=then)
    assert [each.value for each in page.records] == ["Oslo"]


async def test_a_merge_that_cannot_be_is_refused(
    entities: Entities, store: GraphStore, cast: Mapping[str, Entity]
) -> None:
    ann, annie, tom = cast["Ann"], cast["Annie"], cast["Tom"]
    his, shared = entity("Bob", scope=BOB), entity("Oslo", scope=EVERYONE)
    await store.commit(ACME, ChangeSet((Put(his), Put(shared))))
    await merge(entities, ann, annie)
    written = len(await store.changes(ACME))
    for into, others, error in [
        (ann.id, [], BadInput),
        (ann.id, [ann.id], BadInput),
        (annie.id, [ann.id], BadInput),
        (tom.id, [annie.id], BadInput),
        (ann.id, [his.id], BadInput),
        (ann.id, [shared.id], BadInput),
        (ann.id, [RecordId("unknown")], NotFound),
        (RecordId("unknown"), [ann.id], NotFound),
    ]:
        with pytest.raises(error):
            await entities.merge(ACME, into, others)
    with pytest.raises(NotFound):
        await entities.merge(GLOBEX, ann.id, [tom.id])
    assert len(await store.changes(ACME)) == written


@EVERY_STORE
async def test_rivals_cannot_merge_in_a_circle(entities: Entities, store: GraphStore) -> None:
    place, person = entity("Paris", "PLACE"), entity("Paris", "PERSON")
    await store.commit(ACME, ChangeSet((Put(place), Put(person))))
    results = await asyncio.gather(
        merge(entities, place, person), merge(entities, person, place), return_exceptions=True
    )
    assert [type(each) for each in results if isinstance(each, Exception)] == [BadInput]


async def test_what_is_stated_during_a_merge_joins_the_line(
    entities: Entities, facts: Facts, cast: Mapping[str, Entity]
) -> None:
    ann, annie = cast["Ann"], cast["Annie"]
    await asyncio.gather(
        lives(facts, annie, "Bergen", 5),
        merge(entities, ann, annie),
        lives(facts, ann, "Oslo", 1),
    )
    assert (await places(facts, ann, 3), await places(facts, ann, 6)) == (["Oslo"], ["Bergen"])
