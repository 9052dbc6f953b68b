"""Memories as their callers write, change, delete and restore them."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from mnemos_graph.errors import BadInput, Conflict, NotFound, TooMuch
from mnemos_graph.memory.records.memories import (
    Memories,
    MemoryChange,
    MemoryOrder,
    NewMemory,
)
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope
from mnemos_graph.memory.selection import EVERYTHING, MemoryQuery
from mnemos_graph.model import ChangeKind, Memory, Origin, RecordId
from mnemos_graph.store import ChangeSet, Delete, GraphStore, Mark, Put
from tests.conformance.samples import (
    ACME,
    ANN,
    BOB,
    EVERYONE,
    GLOBEX,
    day,
    entity,
    episode,
    memory,
)
from tests.graph.memory.conftest import Calendar

ANNS = ReadScope(user_id="ann")


async def kept(memories: Memories, text: str = "Ann likes tea", **given: object) -> Memory:
    new = NewMemory(**({"text": text, "scope": ANN} | given))  # type: ignore[arg-type]
    return (await memories.create(ACME, new)).record


async def texts(memories: Memories, query: MemoryQuery = EVERYTHING) -> list[str]:
    page = await memories.list(ACME, ANYWHERE, query, order=MemoryOrder.OLDEST)
    return [each.text for each in page.records]


async def test_an_update_changes_what_it_names_and_keeps_the_rest(
    memories: Memories, clock: Calendar
) -> None:
    before = await kept(memories, tags=["a"], metadata={"n": 1}, expires_at=day(9))
    clock.move(days=1)
    change = MemoryChange(text="Ann loves tea", importance=0.9, expires_at=None, tags=None)
    after = (await memories.update(ACME, before.id, change)).record
    assert (after.text, after.importance, after.tags) == ("Ann loves tea", 0.9, ())
    assert (after.version, after.updated_at, after.expires_at) == (2, day(1), None)
    assert (after.metadata, after.created_at) == ({"n": 1}, before.created_at)


@pytest.mark.parametrize(
    "change",
    [
        MemoryChange(text=None),
        MemoryChange(importance=None),
        MemoryChange(text=" "),
        MemoryChange(importance=float("nan")),
        MemoryChange(valid_to=day(-5)),
        MemoryChange(expires_at=datetime(2026, 1, 1)),  # noqa: DTZ001 - that is what is refused
    ],
)
async def test_an_update_that_cannot_be_kept_changes_nothing(
    memories: Memories, change: MemoryChange
) -> None:
    before = await kept(memories, valid_from=day(0))
    with pytest.raises(BadInput):
        await memories.update(ACME, before.id, change)
    assert len(await memories.history(ACME, before.id)) == 1


async def test_an_expected_version_turns_a_lost_update_into_a_conflict(memories: Memories) -> None:
    before = await kept(memories)
    await memories.update(ACME, before.id, MemoryChange(text="First"), expected_version=1)
    with pytest.raises(Conflict, match="version 2, not 1"):
        await memories.update(ACME, before.id, MemoryChange(text="Second"), expected_version=1)


async def test_a_crowd_of_updates_of_one_memory_all_arrive(memories: Memories) -> None:
    before = await kept(memories)
    changes = [MemoryChange(text=f"Text {number}") for number in range(20)]
    written = await asyncio.gather(*(memories.update(ACME, before.id, each) for each in changes))
    assert sorted(each.record.version for each in written) == list(range(2, 22))


async def test_an_update_that_changes_nothing_makes_no_version(memories: Memories) -> None:
    before = await kept(memories)
    again = await memories.update(ACME, before.id, MemoryChange(text=before.text))
    assert (again.record, again.position) == (before, 1)


async def test_what_is_opened_again_is_no_longer_superseded(
    memories: Memories, store: GraphStore
) -> None:
    new = memory("Ann lives in Bergen")
    old = memory("Ann lives in Oslo", valid_to=day(3), superseded_by=new.id)
    await store.commit(ACME, ChangeSet((Put(new), Put(old))))
    opened = (await memories.update(ACME, old.id, MemoryChange(valid_to=None))).record
    assert (opened.valid_to, opened.superseded_by) == (None, None)


@pytest.mark.parametrize("access", [ACME, GLOBEX])
async def test_what_is_not_there_cannot_be_changed(memories: Memories, access: object) -> None:
    hers = RecordId("unknown") if access is ACME else (await kept(memories)).id
    for attempt in [
        memories.update(access, hers, MemoryChange(text="New")),  # type: ignore[arg-type]
        memories.delete(access, hers),  # type: ignore[arg-type]
        memories.restore(access, hers),  # type: ignore[arg-type]
        memories.history(access, hers),  # type: ignore[arg-type]
    ]:
        with pytest.raises(NotFound):
            await attempt


async def test_a_deleted_memory_comes_back_as_it_was(memories: Memories) -> None:
    before = await kept(memories)
    assert (await memories.delete(ACME, before.id)).count == 1
    with pytest.raises(NotFound):
        await memories.delete(ACME, before.id)
    back = (await memories.restore(ACME, before.id)).record
    assert (back.text, back.version) == (before.text, 3)
    kinds = [each.kind for each in await memories.history(ACME, before.id)]
    assert kinds == [ChangeKind.CREATED, ChangeKind.DELETED, ChangeKind.CREATED]


async def test_an_earlier_version_becomes_the_current_one(memories: Memories) -> None:
    first = await kept(memories)
    await memories.update(ACME, first.id, MemoryChange(text="Ann likes coffee"))
    back = (await memories.restore(ACME, first.id, version=1)).record
    assert (back.text, back.version) == ("Ann likes tea", 3)
    unchanged = await memories.restore(ACME, first.id, version=3)
    assert unchanged.record == back
    for wrong, error in [(None, BadInput), (9, NotFound)]:
        with pytest.raises(error):
            await memories.restore(ACME, first.id, version=wrong)


async def test_a_restored_memory_leaves_out_what_is_gone(
    memories: Memories, store: GraphStore
) -> None:
    told, ann = episode(), entity("Ann")
    first = memory(sources=(told.id,), entity_ids=(ann.id,))
    await store.commit(ACME, ChangeSet((Put(told), Put(ann), Put(first))))
    bare = memory(id=first.id, version=2)
    await store.commit(ACME, ChangeSet((Put(bare), Delete(told.KIND, told.id, 1))))
    back = (await memories.restore(ACME, first.id, version=1)).record
    assert (back.sources, back.entity_ids) == ((), (ann.id,))


async def test_history_is_newest_first_and_bounded(memories: Memories) -> None:
    first = await kept(memories)
    for number in range(5):
        await memories.update(ACME, first.id, MemoryChange(text=f"Text {number}"))
    assert [each.record.version for each in await memories.history(ACME, first.id, 3)] == [6, 5, 4]
    with pytest.raises(BadInput):
        await memories.history(ACME, first.id, 0)


async def test_a_list_is_paged_in_its_order(memories: Memories, clock: Calendar) -> None:
    for number in range(5):
        clock.move(days=1)
        await kept(memories, f"Memory {number}", importance=number / 10)
    seen: list[str] = []
    after = None
    while True:
        page = await memories.list(
            ACME, ANNS, order=MemoryOrder.MOST_IMPORTANT, first=2, after=after, count_to=100
        )
        seen += [each.text for each in page.records]
        assert page.total == 5
        if not page.has_more:
            break
        after = Mark(page.records[-1].importance, page.records[-1].id)
    assert seen == [f"Memory {number}" for number in (4, 3, 2, 1, 0)]
    for first, error in [(0, BadInput), (-1, BadInput), (101, TooMuch)]:
        with pytest.raises(error):
            await memories.list(ACME, first=first)


async def test_a_list_answers_from_what_was_known_then(memories: Memories) -> None:
    first = await kept(memories)
    (version,) = await memories.history(ACME, first.id)
    await asyncio.sleep(0.002)  # the log's instants are the store's own
    await memories.update(ACME, first.id, MemoryChange(text="Ann likes coffee"))
    await kept(memories, "Ann lives in Oslo")
    assert await texts(memories, MemoryQuery(known_at=version.at)) == ["Ann likes tea"]
    assert len(await texts(memories)) == 2


async def test_deleting_what_matches_reaches_what_has_ended_and_nothing_else(
    memories: Memories, store: GraphStore
) -> None:
    ended = memory("Ann lived in Oslo", valid_to=day(-3), tags=("home",))
    his = memory("Bob lives in Oslo", scope=BOB, tags=("home",))
    shared = memory("Oslo is a town", scope=EVERYONE, tags=("home",))
    now, other = memory("Ann lives in Bergen", tags=("home",)), memory("Ann likes tea")
    everything = (ended, his, shared, now, other)
    await store.commit(ACME, ChangeSet(tuple(Put(each) for each in everything)))
    home = MemoryQuery(tags=["home"])
    would = await memories.delete_matching(ACME, ANNS, home, dry_run=True)
    assert (would.count, would.position) == (2, 5)
    assert (await memories.delete_matching(ACME, ANNS, home)).count == 2
    left = await store.get(ACME, Memory, [each.id for each in everything])
    assert set(left) == {his.id, shared.id, other.id}


async def test_deleting_what_was_known_then_takes_what_is_left_of_it(
    memories: Memories, store: GraphStore
) -> None:
    first, second = await kept(memories), await kept(memories, "Ann likes coffee")
    then = (await memories.history(ACME, second.id))[0].at
    await asyncio.sleep(0.002)  # the log's instants are the store's own
    await memories.delete(ACME, first.id)
    third = await kept(memories, "Ann lives in Oslo")
    deleted = await memories.delete_matching(ACME, ANNS, MemoryQuery(known_at=then))
    assert deleted.count == 1
    left = await store.get(ACME, Memory, [first.id, second.id, third.id])
    assert set(left) == {third.id}


@pytest.mark.parametrize(
    "query",
    [
        EVERYTHING,
        MemoryQuery(types=[], tags=[], metadata={}, text="  "),
        MemoryQuery(min_importance=0, include_superseded=True),
    ],
)
async def test_deleting_everything_by_saying_nothing_is_refused(
    memories: Memories, query: MemoryQuery
) -> None:
    await kept(memories)
    with pytest.raises(BadInput, match="Neither scope nor filter"):
        await memories.delete_matching(ACME, ReadScope(include_shared=False), query)
    assert await texts(memories) == ["Ann likes tea"]


async def test_deleting_more_than_a_set_holds_takes_several(
    memories: Memories, store: GraphStore
) -> None:
    for _ in range(2):
        many = tuple(Put(memory(f"Memory {number}")) for number in range(600))
        await store.commit(ACME, ChangeSet(many))
    deleted = await memories.delete_matching(ACME, ANNS, EVERYTHING)
    assert (deleted.count, deleted.position) == (1_200, 2_400)
    assert await texts(memories) == []


async def test_two_who_delete_the_same_share_the_count(
    memories: Memories, store: GraphStore
) -> None:
    many = tuple(Put(memory(f"Memory {number}")) for number in range(50))
    await store.commit(ACME, ChangeSet(many))
    both = await asyncio.gather(
        *(memories.delete_matching(ACME, ANNS, EVERYTHING) for _ in range(2))
    )
    assert sum(each.count for each in both) == 50


async def test_saying_again_what_another_memory_says_is_a_conflict(
    memories: Memories, store: GraphStore
) -> None:
    old, new = memory(origin=Origin.INFERRED), memory("Other", origin=Origin.INFERRED)
    await store.commit(ACME, ChangeSet((Put(old), Put(new))))
    with pytest.raises(Conflict):
        await memories.update(ACME, new.id, MemoryChange(text=old.text))
