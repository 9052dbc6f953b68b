"""Until when an answer stands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from mnemos_graph.feed import Feed, LocalBus
from mnemos_graph.model import Memory, Record
from mnemos_graph.store import ChangeSet, Erase, Find, In, Put
from mnemos_graph.witness.grounds import Basis, Grounds
from mnemos_graph.witness.store import WitnessedStore
from mnemos_graph.witness.witness import noted, witnessing
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, BOB, entity, memory
from tests.graph.cache.processes import Clock
from tests.platform.answering.desk import Calendar


class House:
    """A witnessed store, and what stands on it."""

    def __init__(self, feed: Feed, store: MemoryStore) -> None:
        self.clock = noted(Calendar())
        self.grounds = Grounds(feed, store, self.clock)
        self.store = WitnessedStore(store, self.grounds.committed)

    async def write(self, *records: Record) -> None:
        await self.commit(ChangeSet(tuple(map(Put, records))))

    async def commit(self, change_set: ChangeSet) -> None:
        committed = await self.store.commit(ACME, change_set)
        (ground,) = self.grounds._of.values()
        await ground.follower.reach(committed.last)

    async def basis(self, *questions: Find[Memory], get: Memory | None = None) -> Basis:
        """Return what the answer to some questions stands on."""
        begun = await self.grounds.begin(ACME.organization)
        assert begun
        before = witnessing.set(begun.witness)
        await self.store.find(ACME, questions)
        if get:
            await self.store.get(ACME, Memory, [get.id])
        witnessing.reset(before)
        begun.witness.vouched = True
        basis = await self.grounds.basis(begun)
        assert basis
        return basis


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with Feed(MemoryStore(), LocalBus(), clock=Clock()) as feed:
        opened = House(feed, feed._store)  # type: ignore[arg-type] # it is the one above
        await opened.grounds.begin(ACME.organization)
        yield opened


ANNS = Find(Memory, (In("user_id", (memory().partition,)),))


async def test_only_what_an_answer_was_taken_from_ends_it(house: House) -> None:
    basis = await house.basis(ANNS)
    await house.write(entity("Ann"), replace(memory("Bob's"), scope=BOB))
    assert house.grounds.stands(basis)
    await house.write(memory("hers"))
    assert not house.grounds.stands(basis)


async def test_what_was_not_there_by_its_id_may_come(house: House) -> None:
    later = memory("later")
    basis = await house.basis(get=later)
    await house.write(later)
    assert not house.grounds.stands(basis)


async def test_groups_that_are_no_longer_remembered_count_as_changed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnemos_graph.witness.grounds.MOST_GROUPS", 2)
    basis = await house.basis(ANNS)
    await house.write(memory("hers"))
    for name in ("Ann", "Mia"):
        await house.write(entity(name))
    assert not house.grounds.stands(basis)


async def test_an_erasure_ends_everything(house: House) -> None:
    kept = memory("hers")
    await house.write(kept)
    basis, told = await house.basis(), list[str]()
    house.grounds.on_forgotten = told.append
    await house.commit(ChangeSet((Erase(kept.KIND, kept.id),)))
    assert not house.grounds.stands(basis)
    assert told == [ACME.organization]


async def test_an_answer_that_nobody_vouches_for_stands_on_nothing(house: House) -> None:
    begun = await house.grounds.begin(ACME.organization)
    assert begun
    assert await house.grounds.basis(begun) is None
