from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mnemos_graph.errors import BadInput, Conflict
from mnemos_graph.memory.remember.telling import Message, Telling
from mnemos_graph.memory.services import Parts, Services, open_services
from mnemos_graph.memory.transfer.importing import Found
from mnemos_graph.memory.transfer.portable import PORTABLE, exported, line_of, record_of
from mnemos_graph.model import (
    Access,
    Entity,
    Fact,
    Job,
    JobState,
    Memory,
    OrganizationId,
    Record,
    RecordId,
    Scope,
    new_id,
)
from mnemos_graph.store import ChangeSet, Committed, Find, Put
from tests.conformance.memory_store import MemoryStore

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
ACCESS = Access(OrganizationId("o"), "local")


class Meets(MemoryStore):
    """The memories of two people are committed once both are handed over."""

    def __init__(self) -> None:
        super().__init__()
        self._meeting = asyncio.Barrier(2)

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        puts = [each.record for each in change_set.operations if isinstance(each, Put)]
        if any(isinstance(each, Memory) for each in puts):
            await self._meeting.wait()
        return await super().commit(access, change_set)


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    async with open_services(Parts(store=MemoryStore())) as services:
        yield services


async def ended(services: Services, id: RecordId) -> Job:
    async with asyncio.timeout(10):
        while True:
            job = (await services.store.get(ACCESS, Job, [id]))[id]
            if job.ended:
                return job
            await asyncio.sleep(0.01)


async def take_in(services: Services, *records: Record, key: str | None = None) -> Job:
    found = Found(records=records, digest="d")
    return await ended(services, (await services.importing.submit(ACCESS, found, key)).record.id)


async def everything(services: Services) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for kind in PORTABLE:
        (page,) = await services.store.find(ACCESS, [Find(kind, first=100)])
        found |= {record.id: record for record in page.records}
    return found


def said(text: str, user: str = "ana") -> Telling:
    message = Message(text=text, speaker="Ana", occurred_at=AT)
    return Telling(scope=Scope(user), messages=(message,), infer=False)


def some() -> list[Record]:
    """Records of two partitions, referrers first."""
    given: dict[str, Any] = {"created_at": AT, "updated_at": AT}
    shared = Entity(id=new_id(), scope=Scope(), name="Oslo", kind="PLACE", **given)
    ana = Entity(id=new_id(), scope=Scope("ana"), name="Ana", kind="PERSON", **given)
    fact = Fact(
        id=new_id(),
        scope=Scope("ana"),
        subject_id=ana.id,
        object_id=shared.id,
        predicate="lives_in",
        statement="Ana lives in Oslo",
        asserted=True,
        **given,
    )
    memory = Memory(id=new_id(), scope=Scope("ana", "a"), text="Oslo", fact_ids=(fact.id,), **given)
    return [memory, fact, ana, shared]


async def test_what_one_exports_the_other_has_with_the_same_ids(services: Services) -> None:
    told = Found(tellings=[said("I live in Oslo"), said("So do I", "bo")], digest="d")
    await ended(services, (await services.importing.submit(ACCESS, told)).record.id)
    await take_in(services, *some())
    lines = [line async for line in exported(services.store, ACCESS)][1:]
    async with open_services(Parts(store=MemoryStore())) as other:
        job = await take_in(other, *map(record_of, reversed(lines)))
        assert (job.state, job.done, job.failed) == (JobState.SUCCEEDED, len(lines), 0)
        theirs = await everything(other)
    ours = await everything(services)
    assert len(ours) == 8
    assert {id_: line_of(each) for id_, each in theirs.items()} == {
        id_: line_of(each) for id_, each in ours.items()
    }


async def test_turns_become_memories_word_for_word(services: Services) -> None:
    found = Found(tellings=[said(f"turn {number}") for number in range(30)], digest="d")
    job = await ended(services, (await services.importing.submit(ACCESS, found)).record.id)
    assert (job.total, job.done) == (30, 30)
    texts = [
        each.text for each in (await everything(services)).values() if isinstance(each, Memory)
    ]
    assert sorted(texts) == sorted(f"turn {number}" for number in range(30))


async def test_records_of_several_people_are_written_side_by_side() -> None:
    given: dict[str, Any] = {"created_at": AT, "updated_at": AT, "text": "It rains."}
    two = [Memory(id=new_id(), scope=Scope(user), **given) for user in ("ana", "bo")]
    async with open_services(Parts(store=Meets())) as services:
        job = await take_in(services, *two)
        assert (job.done, job.failed) == (2, 0)


async def test_what_is_there_already_is_taken_in_again_without_a_change(services: Services) -> None:
    records = some()
    await take_in(services, *records)
    before = await everything(services)
    job = await take_in(services, *records)
    assert (job.done, job.failed) == (len(records), 0)
    assert await everything(services) == before


async def test_one_record_that_cannot_be_kept_leaves_the_others(services: Services) -> None:
    memory, *others = some()
    assert isinstance(memory, Memory)
    await take_in(services, *others)
    await take_in(services, replace(memory, text="Bergen"))
    lost = replace(memory, id=new_id(), fact_ids=(new_id(),))
    good = replace(memory, id=new_id())
    job = await take_in(services, memory, lost, good)
    assert (job.state, job.done, job.failed) == (JobState.SUCCEEDED, 1, 2)
    assert good.id in await everything(services)


async def test_the_same_key_again_is_the_same_job(services: Services) -> None:
    found = Found(tellings=[said("once")], digest="d")
    first = await services.importing.submit(ACCESS, found, "k")
    again = await services.importing.submit(ACCESS, found, "k")
    assert first.record.id == again.record.id
    with pytest.raises(Conflict):
        await services.importing.submit(ACCESS, replace(found, digest="e"), "k")


async def test_nothing_is_no_import(services: Services) -> None:
    with pytest.raises(BadInput, match="nothing in the file"):
        await services.importing.submit(ACCESS, Found(digest="d"))
