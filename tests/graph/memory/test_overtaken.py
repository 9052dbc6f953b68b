"""A decision about who stands for whom is overtaken between its reading and its latches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping

import pytest

from mnemos_graph.errors import BadInput
from mnemos_graph.feed import Journal, LocalBus
from mnemos_graph.memory.facts.entities import Entities
from mnemos_graph.memory.facts.facts import Facts, NewFact
from mnemos_graph.memory.facts.naming import EntityRef
from mnemos_graph.model import Access, Entity, Latch, Position, RecordId
from mnemos_graph.store import ChangeSet, Put
from mnemos_graph.store.protocol import R
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, ANN, EPOCH, day, entity


class Overtaken(MemoryStore):
    """A store in which somebody else is quicker, once, before latches are read."""

    rival: Callable[[], Awaitable[object]] | None = None

    async def get(
        self,
        access: Access,
        kind: type[R],
        ids: Collection[RecordId],
        *,
        known_at: Position | None = None,
    ) -> Mapping[RecordId, R]:
        if issubclass(kind, Latch) and self.rival:
            rival, self.rival = self.rival, None
            await rival()
        return await super().get(access, kind, ids, known_at=known_at)


@pytest.fixture
def store() -> Overtaken:
    return Overtaken()


@pytest.fixture
def entities(store: Overtaken) -> Entities:
    return Entities(Journal(store, LocalBus()), lambda: EPOCH)


@pytest.fixture
def facts(store: Overtaken) -> Facts:
    return Facts(Journal(store, LocalBus()), lambda: EPOCH)


async def lives(facts: Facts, who: Entity, place: str, since: float) -> None:
    subject = EntityRef(id=who.id)
    new = NewFact(
        subject=subject, predicate="lives_in", value=place, scope=ANN, valid_from=day(since)
    )
    await facts.assert_(ACME, new)


async def places(facts: Facts, who: Entity, at: float) -> list[str | None]:
    found = await facts.find(ACME, subject_id=who.id, as_of=day(at))
    return [each.value for each in found.records]


async def test_two_are_never_merged_into_each_other(store: Overtaken, entities: Entities) -> None:
    one, other = entity("Paris", "PLACE"), entity("Paris", "PERSON")
    await store.commit(ACME, ChangeSet((Put(one), Put(other))))
    store.rival = lambda: entities.merge(ACME, other.id, [one.id])
    with pytest.raises(BadInput):
        await entities.merge(ACME, one.id, [other.id])
    assert (await entities.canonical(ACME, [one.id]))[one.id].id == other.id


async def test_what_is_stated_of_the_merged_joins_the_line_of_the_whole(
    store: Overtaken, entities: Entities, facts: Facts
) -> None:
    ann, annie = entity("Ann"), entity("Annie")
    await store.commit(ACME, ChangeSet((Put(ann), Put(annie))))
    await lives(facts, ann, "Oslo", 1)
    store.rival = lambda: entities.merge(ACME, ann.id, [annie.id])
    await lives(facts, annie, "Bergen", 5)
    assert [await places(facts, ann, at) for at in (3, 6)] == [["Oslo"], ["Bergen"]]


async def test_a_merge_that_is_taken_back_gives_back_its_line_only(
    store: Overtaken, entities: Entities, facts: Facts
) -> None:
    ann, annie, berg = (entity("Ann", kind) for kind in ("PERSON", "TOPIC", "PLACE"))
    await store.commit(ACME, ChangeSet((Put(ann), Put(annie), Put(berg))))
    for who, place, since in ((ann, "Oslo", 1), (annie, "Bergen", 5), (berg, "Rome", 9)):
        await lives(facts, who, place, since)
    merged = await entities.merge(ACME, ann.id, [annie.id])
    store.rival = lambda: entities.merge(ACME, ann.id, [berg.id])
    await entities.unmerge(ACME, merged.merge_id)
    assert [await places(facts, ann, at) for at in (3, 7, 10)] == [["Oslo"], ["Oslo"], ["Rome"]]
    assert [await places(facts, annie, at) for at in (3, 7, 10)] == [[], ["Bergen"], ["Bergen"]]
