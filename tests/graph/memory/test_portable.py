from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mnemos_graph.errors import BadInput
from mnemos_graph.memory.transfer.portable import HEADER, exported, in_order, line_of, record_of
from mnemos_graph.model import (
    Access,
    Block,
    Entity,
    Episode,
    Fact,
    Memory,
    OrganizationId,
    Origin,
    Record,
    Scope,
    new_id,
)
from mnemos_graph.store import ChangeSet, Put
from tests.conformance.memory_store import MemoryStore

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
ACCESS = Access(OrganizationId("o"), "local")


def known() -> list[Record]:
    """One record of each kind, and some that lead to each other."""
    given: dict[str, Any] = {"scope": Scope("ana", None, "s"), "created_at": AT, "updated_at": AT}
    ana = Entity(id=new_id(), name="Ana", kind="PERSON", aliases=("Anna",), **given)
    double = Entity(id=new_id(), name="A.", kind="PERSON", merged_into=ana.id, **given)
    said = Episode(id=new_id(), text="I moved to Oslo", occurred_at=AT, speaker="Ana", **given)
    later = Fact(
        id=new_id(),
        subject_id=ana.id,
        predicate="lives_in",
        value="Oslo",
        statement="Ana lives in Oslo",
        valid_from=AT,
        sources=(said.id,),
        **given,
    )
    earlier = replace(later, id=new_id(), value="Rome", valid_to=AT, closed_by=later.id)
    memory = Memory(
        id=new_id(),
        text="Ana lives in Oslo",
        origin=Origin.INFERRED,
        tags=("home",),
        metadata={"k": [1, None]},
        sources=(said.id,),
        fact_ids=(later.id,),
        **given,
    )
    old = replace(memory, id=new_id(), text="Rome", valid_to=AT, superseded_by=memory.id)
    return [
        ana,
        double,
        said,
        later,
        earlier,
        memory,
        old,
        Block(id=new_id(), label="l", value="v", **given),
    ]


@pytest.mark.parametrize("record", known(), ids=range(8))
def test_a_record_comes_back_from_its_line(record: Record) -> None:
    assert record_of(line_of(record)) == record
    assert record_of(line_of(replace(record, version=7))) == record


def test_each_record_comes_behind_those_that_it_refers_to() -> None:
    records = known()
    for seed in range(20):
        random.Random(seed).shuffle(records)
        ordered = list(in_order(records))
        assert sorted(each.id for each in ordered) == sorted(each.id for each in records)
        places = {each.id: place for place, each in enumerate(ordered)}
        for each in ordered:
            assert all(places[to.id] < places[each.id] for to in each.references())


def test_records_that_refer_to_each_other_in_a_circle_are_all_given() -> None:
    one, other, *_ = known()
    assert isinstance(one, Entity)
    circle = [replace(one, merged_into=other.id), other]
    assert len(list(in_order(circle))) == 2


async def test_everything_is_exported_and_one_user_alone_where_that_is_asked() -> None:
    store, records = MemoryStore(), known()
    other = Memory(id=new_id(), scope=Scope(), text="shared", created_at=AT, updated_at=AT)
    await store.commit(ACCESS, ChangeSet(tuple(Put(each) for each in (*records, other))))
    everything = [line async for line in exported(store, ACCESS)]
    assert everything[0] == HEADER
    found = {record_of(line).id for line in everything[1:]}
    assert found == {each.id for each in (*records, other)}
    hers = [line async for line in exported(store, ACCESS, "ana")]
    assert {record_of(line).id for line in hers[1:]} == found - {other.id}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "job"},
        {"id": "1"},
        {"text": ""},
        {"text": "a\0b"},
        {"importance": 2},
        {"metadata": []},
        {"tags": ["x" * 65]},
        {"scope": "ana"},
        {"scope": {"userId": ""}},
        {"createdAt": "yesterday"},
    ],
    ids=str,
)
def test_a_line_that_cannot_be_kept_is_refused(change: dict[str, Any]) -> None:
    memory = next(each for each in known() if isinstance(each, Memory))
    with pytest.raises(BadInput):
        record_of({**line_of(memory), **change})


def test_an_instant_without_an_offset_is_utc() -> None:
    memory = next(each for each in known() if isinstance(each, Memory))
    line = {**line_of(memory), "createdAt": "2026-01-31T12:00:00"}
    assert record_of(line).created_at == AT
