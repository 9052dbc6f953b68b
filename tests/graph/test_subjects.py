"""One read for all listeners who ask in the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from mnemos_graph.feed import Subjects
from mnemos_graph.model import Access, Memory, Partition, Partitions, RecordKind, Version
from mnemos_graph.store import ChangeSet, Erase, Put, VersionRef
from tests.conformance.memory_store import MemoryStore, R
from tests.conformance.samples import ACME, GLOBEX, memory

BOBS = replace(ACME, actor="bob", reads=frozenset({Partition("bob")}))


class CountingStore(MemoryStore):
    """Notes every read of versions, and lets others run before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[int] = []
        self.began = asyncio.Event()

    async def versions(
        self, access: Access, kind: type[R], refs: Collection[VersionRef]
    ) -> Mapping[VersionRef, Version[R]]:
        self.reads.append(len(refs))
        self.began.set()
        found = await super().versions(access, kind, refs)
        await asyncio.sleep(0)
        return found


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


async def kept(store: MemoryStore, count: int = 1) -> list[VersionRef]:
    records: list[Memory] = [memory(str(number)) for number in range(count)]
    await store.commit(ACME, ChangeSet(tuple(Put(each) for each in records)))
    return [VersionRef(each.id, each.version) for each in records]


async def test_listeners_with_the_same_rights_share_a_read(store: CountingStore) -> None:
    first, second, third = await kept(store, 3)
    subjects, other = Subjects(store), replace(ACME, actor="key:2")
    found = await asyncio.gather(
        subjects.versions(ACME, [first, second]), subjects.versions(other, [second, third])
    )
    assert store.reads == [3]
    assert found[0].keys() >= {first, second}
    assert found[1].keys() >= {second, third}


@pytest.mark.parametrize("stranger", [BOBS, GLOBEX, replace(ACME, reads=Partitions.NONE)])
async def test_nobody_is_shown_what_another_listener_may_see(
    store: CountingStore, stranger: Access
) -> None:
    (ref,) = await kept(store)
    subjects = Subjects(store)
    seen, hidden = await asyncio.gather(
        subjects.versions(ACME, [ref]), subjects.versions(stranger, [ref])
    )
    assert ref in seen
    assert not hidden


async def test_what_was_erased_is_not_seen_by_who_asks_during_an_earlier_read(
    store: CountingStore,
) -> None:
    (ref,) = await kept(store)
    subjects = Subjects(store)
    earlier = asyncio.create_task(subjects.versions(ACME, [ref]))
    await store.began.wait()
    await store.commit(ACME, ChangeSet((Erase(RecordKind.MEMORY, ref.id),)))
    assert not await subjects.versions(ACME, [ref])
    assert ref in await earlier


async def test_a_listener_that_leaves_does_not_end_the_others_read(store: CountingStore) -> None:
    (ref,) = await kept(store)
    subjects = Subjects(store)
    leaving, staying = (asyncio.create_task(subjects.versions(ACME, [ref])) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert ref in await staying
    assert store.reads == [1]
