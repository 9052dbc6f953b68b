"""What a commit promises: all or nothing, expected versions, keys, references, fences."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from mnemos_graph.errors import BadInput, Conflict, Forbidden, NotFound, TooMuch
from mnemos_graph.model import (
    START,
    Access,
    ChangeKind,
    Entity,
    Memory,
    Origin,
    Partition,
    Position,
    Receipt,
    Record,
    RecordId,
    RecordKind,
    receipt_id,
)
from mnemos_graph.store import (
    LATEST,
    ChangeSet,
    Delete,
    DerivedRef,
    Erase,
    Fence,
    GraphStore,
    Put,
    VersionRef,
)
from tests.conformance.samples import (
    ACME,
    ANN,
    BOB,
    EPOCH,
    EVERYONE,
    GLOBEX,
    block,
    day,
    entity,
    episode,
    fact,
    memory,
)


async def written(store: GraphStore, *records: Record, access: Access = ACME) -> Position:
    committed = await store.commit(access, ChangeSet(tuple(Put(each) for each in records)))
    return committed.last


async def refused_without_trace(
    store: GraphStore, change_set: ChangeSet, error: type[Exception]
) -> None:
    ids = [each.record.id for each in change_set.operations if isinstance(each, Put)]
    before = await store.changes(ACME, limit=1_000), await store.get(ACME, Record, ids)
    with pytest.raises(error):
        await store.commit(ACME, change_set)
    assert (await store.changes(ACME, limit=1_000), await store.get(ACME, Record, ids)) == before


class CommitPromises:
    async def test_a_record_of_every_kind_reads_back_whole(self, store: GraphStore) -> None:
        ann, tea = entity("Ann"), entity("東京 \N{CLOUD}", "PLACE", aliases=("Tōkyō", "Edo"))
        told = episode("Ærlig talt", speaker="Ann", source="chat", metadata={"n": [1, None]})
        likes = fact(ann, "likes", tea, valid_from=day(1), sources=(told.id,), confidence=0.25)
        kept = memory(
            tags=("b", "a"),
            metadata={"deep": {"x": [1.5, "y"]}},
            valid_from=day(1),
            expires_at=day(9),
            sources=(told.id,),
            entity_ids=(ann.id, tea.id),
            fact_ids=(likes.id,),
        )
        records: list[Record] = [ann, tea, told, likes, kept, block()]
        await written(store, *records)
        assert await store.get(ACME, Record, [each.id for each in records]) == {
            each.id: each for each in records
        }

    async def test_get_finds_only_the_kind_it_is_asked_for(self, store: GraphStore) -> None:
        kept = memory()
        await written(store, kept)
        assert await store.get(ACME, Entity, [kept.id]) == {}
        assert await store.get(ACME, Memory, [kept.id, RecordId("unknown")]) == {kept.id: kept}

    async def test_a_commit_says_where_it_stands_in_the_log(self, store: GraphStore) -> None:
        first = await store.commit(ACME, ChangeSet((Put(memory()), Put(entity()))))
        second = await store.commit(ACME, ChangeSet((Put(memory("Other")),)))
        assert (first.first, first.last, second.first, second.last) == (1, 2, 3, 3)

    async def test_the_same_commit_again_changes_nothing(self, store: GraphStore) -> None:
        change_set = ChangeSet((Put(memory()),))
        assert await store.commit(ACME, change_set) == await store.commit(ACME, change_set)
        assert len(await store.changes(ACME)) == 1

    async def test_a_refused_set_leaves_no_trace_of_its_other_records(
        self, store: GraphStore
    ) -> None:
        kept = memory()
        await written(store, kept)
        stale = replace(kept, text="Stale", version=3)
        await refused_without_trace(store, ChangeSet((Put(entity()), Put(stale))), Conflict)

    async def test_a_version_can_be_replaced_only_once(self, store: GraphStore) -> None:
        kept = memory()
        await written(store, kept)
        rivals = [replace(kept, text=f"Rival {n}", version=2) for n in range(5)]
        results = await asyncio.gather(
            *(written(store, each) for each in rivals), return_exceptions=True
        )
        assert [type(each) for each in results if isinstance(each, Exception)] == [Conflict] * 4

    async def test_an_id_is_created_only_once(self, store: GraphStore) -> None:
        kept = memory()
        await written(store, kept)
        await refused_without_trace(store, ChangeSet((Put(replace(kept, text="New")),)), Conflict)

    async def test_a_record_keeps_its_kind_and_partition(self, store: GraphStore) -> None:
        kept = memory()
        await written(store, kept)
        moved = replace(kept, scope=BOB, version=2)
        await refused_without_trace(store, ChangeSet((Put(moved),)), Conflict)

    async def test_a_deleted_record_is_gone_until_it_is_put_again(self, store: GraphStore) -> None:
        kept = memory()
        await written(store, kept)
        await store.commit(ACME, ChangeSet((Delete(RecordKind.MEMORY, kept.id, 1, "wrong"),)))
        assert await store.get(ACME, Memory, [kept.id]) == {}
        gone = (await store.versions(ACME, Memory, [VersionRef(kept.id, LATEST)]))[
            VersionRef(kept.id, LATEST)
        ]
        assert (gone.kind, gone.record.version, gone.reason) == (ChangeKind.DELETED, 2, "wrong")
        await written(store, replace(kept, version=3))
        assert [each.kind for each in await store.changes(ACME)] == [
            ChangeKind.CREATED,
            ChangeKind.DELETED,
            ChangeKind.CREATED,
        ]

    async def test_deleting_what_is_not_there_is_refused(self, store: GraphStore) -> None:
        kept = memory()
        await written(store, kept)
        for wrong, error in [
            (Delete(RecordKind.MEMORY, RecordId("unknown"), 1), NotFound),
            (Delete(RecordKind.ENTITY, kept.id, 1), NotFound),
            (Delete(RecordKind.MEMORY, kept.id, 2), Conflict),
        ]:
            await refused_without_trace(store, ChangeSet((wrong,)), error)

    async def test_a_natural_key_has_one_live_holder_in_a_partition(
        self, store: GraphStore
    ) -> None:
        first = entity("Paris", "PLACE")
        await written(store, first)
        await refused_without_trace(store, ChangeSet((Put(entity("PARIS", "PLACE")),)), Conflict)
        await written(store, entity("Paris", "PERSON"), entity("Paris", "PLACE", scope=BOB))
        await store.commit(ACME, ChangeSet((Delete(RecordKind.ENTITY, first.id, 1),)))
        await written(store, entity("paris", "PLACE"))

    async def test_a_key_that_a_set_gives_up_is_free_for_the_same_set(
        self, store: GraphStore
    ) -> None:
        old = memory("Ann lives in Oslo", origin=Origin.INFERRED)
        await written(store, old)
        new = memory("Ann lives in Oslo!", origin=Origin.INFERRED)
        await refused_without_trace(store, ChangeSet((Put(new),)), Conflict)
        await written(store, replace(old, valid_to=day(3), version=2), new)

    async def test_two_records_of_one_set_cannot_claim_one_key(self, store: GraphStore) -> None:
        await refused_without_trace(
            store, ChangeSet((Put(entity("Oslo", "PLACE")), Put(entity("oslo", "PLACE")))), Conflict
        )

    async def test_rivals_for_a_natural_key_have_one_winner(self, store: GraphStore) -> None:
        rivals = [entity("Oslo", "PLACE") for _ in range(8)]
        results = await asyncio.gather(
            *(written(store, each) for each in rivals), return_exceptions=True
        )
        assert sum(isinstance(each, Conflict) for each in results) == 7
        assert len(await store.get(ACME, Entity, [each.id for each in rivals])) == 1

    async def test_a_reference_leads_to_a_live_record_of_its_kind(self, store: GraphStore) -> None:
        ann, told = entity("Ann"), episode()
        await written(store, ann, told)
        for wrong in [RecordId("unknown"), told.id]:
            await refused_without_trace(
                store, ChangeSet((Put(memory(entity_ids=(wrong,))),)), NotFound
            )
        await refused_without_trace(
            store,
            ChangeSet((Delete(RecordKind.ENTITY, ann.id, 1), Put(memory(entity_ids=(ann.id,))))),
            NotFound,
        )

    async def test_references_stay_in_the_partition_or_lead_to_the_shared_one(
        self, store: GraphStore
    ) -> None:
        hers, shared = entity("Ann"), entity("Oslo", "PLACE", scope=EVERYONE)
        await written(store, hers, shared)
        await written(store, memory(entity_ids=(hers.id, shared.id)))
        for stranger in [BOB, EVERYONE]:
            wrong = memory(scope=stranger, entity_ids=(hers.id,))
            await refused_without_trace(store, ChangeSet((Put(wrong),)), NotFound)

    async def test_a_reference_that_was_there_before_may_have_died(self, store: GraphStore) -> None:
        ann = entity("Ann")
        kept = memory(entity_ids=(ann.id,))
        await written(store, ann, kept)
        await store.commit(ACME, ChangeSet((Delete(RecordKind.ENTITY, ann.id, 1),)))
        await written(store, replace(kept, text="Ann likes coffee", version=2))

    async def test_an_access_writes_only_its_partitions(self, store: GraphStore) -> None:
        reader = replace(ACME, writes=frozenset({Partition("bob")}))
        with pytest.raises(Forbidden):
            await written(store, memory(), access=reader)
        await written(store, memory(scope=BOB), access=reader)

    async def test_an_access_reads_only_its_partitions(self, store: GraphStore) -> None:
        hers, his = memory(), memory(scope=BOB)
        await written(store, hers, his)
        bobs = replace(ACME, reads=frozenset({Partition("bob")}))
        assert await store.get(bobs, Memory, [hers.id, his.id]) == {his.id: his}
        assert [each.subject_id for each in await store.changes(bobs)] == [his.id]
        assert len(await store.search(bobs, Memory, "tea")) == 1
        ref = VersionRef(hers.id, 1)
        assert await store.versions(bobs, Memory, [ref]) == {}

    async def test_organizations_share_nothing(self, store: GraphStore) -> None:
        kept = memory()
        await written(store, kept)
        assert await store.get(GLOBEX, Memory, [kept.id]) == {}
        assert await store.changes(GLOBEX) == []
        assert await store.search(GLOBEX, Memory, "tea") == []
        await written(store, kept, access=GLOBEX)
        assert [each.position for each in await store.heads([ACME, GLOBEX])] == [1, 1]

    async def test_bookkeeping_is_kept_but_never_told(self, store: GraphStore) -> None:
        pending = Receipt(
            id=receipt_id("remember", "k"),
            scope=ANN,
            created_at=EPOCH,
            updated_at=EPOCH,
            operation="remember",
            digest="d",
        )
        alone = await store.commit(ACME, ChangeSet((Put(pending),)))
        assert (alone.first, alone.last) == (1, 0)
        answered = replace(pending, answer={"id": "x"}, version=2)
        await store.commit(ACME, ChangeSet((Put(answered), Put(memory()))))
        assert await store.get(ACME, Receipt, [pending.id]) == {pending.id: answered}
        assert len(await store.changes(ACME)) == 1
        await refused_without_trace(store, ChangeSet((Put(answered),)), Conflict)

    async def test_writes_that_began_before_a_fence_are_refused(self, store: GraphStore) -> None:
        began = await written(store, memory())
        await written(store, memory("Bob likes tea", scope=BOB))
        await store.commit(ACME, ChangeSet((Fence(ANN.partition),)))
        late = ChangeSet((Put(memory("Late")),), began=began)
        await refused_without_trace(store, late, Conflict)
        await store.commit(ACME, ChangeSet((Put(memory("Late", scope=BOB)),), began=began))
        (head,) = await store.heads([ACME])
        await store.commit(ACME, ChangeSet((Put(memory("Anew")),), began=head.position))

    async def test_erasing_leaves_numbers_and_nothing_else(self, store: GraphStore) -> None:
        kept = memory("Ann has a secret")
        await written(store, kept, memory("Ann likes tea"))
        await written(store, replace(kept, text="Ann has a deep secret", version=2))
        ref = DerivedRef(kept.id, 2, "g")
        await store.derive(ACME, {ref: b"vector"})
        for _ in range(2):
            await store.commit(ACME, ChangeSet((Erase(RecordKind.MEMORY, kept.id),)))
        assert await store.get(ACME, Memory, [kept.id]) == {}
        assert await store.versions(ACME, Memory, [VersionRef(kept.id, 1)]) == {}
        assert await store.search(ACME, Memory, "secret") == []
        assert await store.derived(ACME, [ref]) == {}
        log = await store.changes(ACME)
        assert [(each.position, each.subject_id == "", each.scope is None) for each in log] == [
            (1, True, True),
            (2, False, False),
            (3, True, True),
            (4, True, True),
        ]
        assert [each.kind for each in log][2:] == [ChangeKind.UPDATED, ChangeKind.ERASED]

    async def test_derived_bytes_stand_beside_their_record(self, store: GraphStore) -> None:
        kept = memory()
        await written(store, kept)
        ref, other = DerivedRef(kept.id, 1, "g"), DerivedRef(kept.id, 1, "h")
        mark = DerivedRef(RecordId("mark:index"), 0, "g")
        nobody = DerivedRef(RecordId("nobody"), 1, "g")
        await store.derive(ACME, {ref: b"1", other: b"2", mark: b"7", nobody: b"x"})
        await store.derive(ACME, {ref: b"3"}, drop=[other])
        assert await store.derived(ACME, [ref, other, mark, nobody]) == {ref: b"3", mark: b"7"}
        assert await store.derived(GLOBEX, [ref, mark]) == {}
        assert await store.heads([ACME]) == await store.heads([ACME], at=None)
        assert len(await store.changes(ACME)) == 1

    def test_a_set_must_be_sound_by_itself(self) -> None:
        kept = memory()
        with pytest.raises(BadInput):
            ChangeSet(())
        with pytest.raises(BadInput):
            ChangeSet((Put(kept), Delete(RecordKind.MEMORY, kept.id, 1)))
        with pytest.raises(TooMuch):
            ChangeSet(tuple(Put(memory()) for _ in range(1_001)))

    async def test_a_set_of_a_thousand_is_one_commit(self, store: GraphStore) -> None:
        committed = await store.commit(
            ACME, ChangeSet(tuple(Put(memory(f"Memory {n}")) for n in range(1_000)))
        )
        assert committed.last - START == 1_000
