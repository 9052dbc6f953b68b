"""The same key again gets the first answer, and nothing is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace

import pytest

from mnemos_graph.errors import BadInput, Conflict
from mnemos_graph.leases import LocalLeases
from mnemos_graph.memory.receipts import Keyed, Receipts
from mnemos_graph.memory.records.memories import Memories, MemoryChange, NewMemory
from mnemos_graph.memory.rounds import Rounds
from mnemos_graph.memory.sweeping import Sweeping
from mnemos_graph.model import Access, OrganizationId, Receipt, RecordId, receipt_id
from mnemos_graph.store import ChangeSet, GraphStore
from tests.conformance.samples import ACME, ANN, BOB, GLOBEX, day
from tests.graph.memory.conftest import Calendar

TEA = NewMemory(text="Ann likes tea", scope=ANN, valid_from=day(1), metadata={"n": 1})


async def test_the_same_key_again_gets_the_first_answer(
    memories: Memories, store: GraphStore
) -> None:
    first = await memories.create(ACME, TEA, key="k")
    await memories.update(ACME, first.record.id, MemoryChange(text="Changed since"))
    assert await memories.create(ACME, TEA, key="k") == first
    assert len(await store.changes(ACME)) == 2


async def test_the_first_answer_stands_though_the_memory_is_deleted(memories: Memories) -> None:
    first = await memories.create(ACME, TEA, key="k")
    await memories.delete(ACME, first.record.id)
    assert await memories.create(ACME, TEA, key="k") == first


async def test_a_hundred_at_once_with_one_key_do_it_once(
    memories: Memories, store: GraphStore
) -> None:
    answers = await asyncio.gather(*(memories.create(ACME, TEA, key="k") for _ in range(100)))
    assert answers == [answers[0]] * 100
    assert len(await store.changes(ACME)) == 1


async def test_the_same_key_with_another_input_is_a_conflict(memories: Memories) -> None:
    await memories.create(ACME, TEA, key="k")
    for other in [replace(TEA, text="Coffee"), replace(TEA, scope=BOB)]:
        with pytest.raises(Conflict, match="another input"):
            await memories.create(ACME, other, key="k")


async def test_a_key_means_something_only_in_its_organization(memories: Memories) -> None:
    hers = await memories.create(ACME, TEA, key="k")
    other = await memories.create(GLOBEX, replace(TEA, text="Coffee"), key="k")
    assert other.record.id != hers.record.id


async def test_a_key_is_free_again_after_seven_days(memories: Memories, clock: Calendar) -> None:
    first = await memories.create(ACME, TEA, key="k")
    clock.move(days=6.9)
    assert await memories.create(ACME, TEA, key="k") == first
    clock.move(days=0.2)
    second = await memories.create(ACME, replace(TEA, text="Coffee"), key="k")
    assert second.record.id != first.record.id
    assert await memories.create(ACME, replace(TEA, text="Coffee"), key="k") == second


@pytest.mark.parametrize("key", ["", "k" * 257, "a\nb"])
async def test_a_key_has_1_to_256_printable_characters(memories: Memories, key: str) -> None:
    with pytest.raises(BadInput):
        await memories.create(ACME, TEA, key=key)
    await memories.create(ACME, TEA, key="k" * 256)


async def test_work_in_several_commits_resumes_from_its_pending_receipt(
    store: GraphStore, clock: Calendar
) -> None:
    receipts, request = Receipts(store, clock), Keyed.of("remember", "k", {"text": "Hi"})
    assert await receipts.look(ACME, request) is None
    begun = receipts.put(request, ANN, None, progress={"episodes": ["e"]})
    await store.commit(ACME, ChangeSet(begun))
    pending = await receipts.look(ACME, request)
    assert pending
    assert (pending.answer, pending.progress) == (None, {"episodes": ["e"]})
    for expected in [None, Conflict]:
        done = ChangeSet(receipts.put(request, ANN, pending, answer={"refs": []}))
        if expected:
            with pytest.raises(expected):
                await store.commit(ACME, done)
        else:
            await store.commit(ACME, done)


async def test_what_nobody_can_ask_for_any_more_is_swept(
    memories: Memories, store: GraphStore, clock: Calendar
) -> None:
    await memories.create(ACME, TEA, key="old")
    clock.move(days=15)
    await memories.create(ACME, TEA, key="new")
    assert await Receipts(store, clock).sweep(ACME) == 1
    old, new = receipt_id("createMemory", "old"), receipt_id("createMemory", "new")
    assert set(await store.get(ACME, Receipt, [old, new])) == {new}


async def both() -> Collection[OrganizationId]:
    return (ACME.organization, GLOBEX.organization)


async def test_every_organization_is_swept_again_and_again(
    memories: Memories, store: GraphStore, clock: Calendar
) -> None:
    old = receipt_id("createMemory", "old")
    sweeping = Sweeping(both, Receipts(store, clock).sweep)
    async with Rounds("sweeping", LocalLeases(), sweeping.sweep, every=0.01):
        for access in (ACME, GLOBEX, ACME):
            await memories.create(access, TEA, key="old")
            clock.move(days=9)
            await _gone(store, access, old)


async def test_a_key_is_kept_while_it_can_be_asked_for(
    memories: Memories, store: GraphStore, clock: Calendar
) -> None:
    first = await memories.create(ACME, TEA, key="k")
    clock.move(days=6.9)
    assert await Sweeping(both, Receipts(store, clock).sweep).sweep() == 0
    assert await memories.create(ACME, TEA, key="k") == first


@pytest.mark.parametrize("swept", [True, False])
async def test_a_key_that_is_free_again_serves_another_user(
    memories: Memories, store: GraphStore, clock: Calendar, *, swept: bool
) -> None:
    await memories.create(ACME, TEA, key="k")
    clock.move(days=8.5)
    assert not swept or await Sweeping(both, Receipts(store, clock).sweep).sweep() == 1
    bobs = replace(TEA, text="Bob likes coffee", scope=BOB)
    first = await memories.create(ACME, bobs, key="k")
    assert await memories.create(ACME, bobs, key="k") == first
    assert first.record.scope == BOB


async def _gone(store: GraphStore, access: Access, id_: RecordId) -> None:
    while True:
        if not await store.get(access, Receipt, [id_]):
            return
        await asyncio.sleep(0.005)
