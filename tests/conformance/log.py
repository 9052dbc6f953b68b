"""What the log promises: dense, ordered, whole change sets; versions and past knowledge."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mnemos_graph.model import START, ChangeKind, Memory, Position, Record, RecordKind
from mnemos_graph.store import (
    ChangeSet,
    Condition,
    Delete,
    Equal,
    Find,
    GraphStore,
    HasWords,
    Put,
    VersionRef,
)
from tests.conformance.commits import written
from tests.conformance.samples import ACME, memory


class LogPromises:
    async def test_the_log_names_what_changed_without_its_content(self, store: GraphStore) -> None:
        kept = memory("A secret")
        before = datetime.now(UTC) - timedelta(seconds=1)
        await written(store, kept)
        (change,) = await store.changes(ACME)
        assert (change.position, change.commit_end, change.kind) == (1, 1, ChangeKind.CREATED)
        assert (change.subject_type, change.subject_id) == (RecordKind.MEMORY, kept.id)
        assert (change.version, change.scope, change.actor) == (1, kept.scope, ACME.actor)
        assert before < change.at < datetime.now(UTC) + timedelta(seconds=1)
        assert "secret" not in repr(change)

    async def test_concurrent_writers_agree_on_one_dense_order(self, store: GraphStore) -> None:
        sets = [[memory(f"{n}.{m}") for m in range(3)] for n in range(40)]
        await asyncio.gather(*(written(store, *records) for records in sets))
        log = await store.changes(ACME, limit=1_000)
        assert [each.position for each in log] == list(range(1, 121))
        together = [[each.subject_id for each in log[n : n + 3]] for n in range(0, len(log), 3)]
        assert sorted(together) == sorted([each.id for each in records] for records in sets)
        assert all(each.commit_end == 3 * ((each.position + 2) // 3) for each in log)
        assert [each.at for each in log] == sorted(each.at for each in log)

    async def test_a_reader_resumes_where_it_stopped(self, store: GraphStore) -> None:
        for n in range(5):
            await written(store, memory(str(n)))
        pages: list[list[Position]] = []
        after = START
        for _ in range(4):
            page = await store.changes(ACME, after=after, limit=2)
            pages.append([each.position for each in page])
            after = page[-1].position if page else after
        assert pages == [[1, 2], [3, 4], [5], []]

    async def test_a_page_never_ends_within_a_change_set(self, store: GraphStore) -> None:
        await written(store, memory("a"))
        await written(store, *(memory(f"b{n}") for n in range(4)))
        await written(store, memory("c"))
        assert [each.position for each in await store.changes(ACME, limit=2)] == [1, 2, 3, 4, 5]
        rest = await store.changes(ACME, after=Position(3), limit=1)
        assert [each.position for each in rest] == [4, 5]

    async def test_every_version_can_be_read_again(self, store: GraphStore) -> None:
        kept = memory("First")
        changed = replace(kept, text="Second", version=2)
        await written(store, kept)
        await store.commit(ACME, ChangeSet((Put(changed, "it was corrected"),)))
        refs = [VersionRef(kept.id, n) for n in (1, 2, 3)]
        found = await store.versions(ACME, Record, refs)
        assert [found[ref].record for ref in refs[:2]] == [kept, changed]
        assert (found[refs[1]].reason, found[refs[1]].actor) == ("it was corrected", ACME.actor)
        assert (found[refs[1]].born, refs[2] in found) == (2, False)

    async def test_an_instant_becomes_a_position(self, store: GraphStore) -> None:
        await written(store, memory("a"), memory("b"))
        (first, *_) = await store.changes(ACME)
        await asyncio.sleep(0.002)
        await written(store, memory("c"))
        (then,) = await store.heads([ACME], at=first.at)
        (earlier,) = await store.heads([ACME], at=first.at - timedelta(microseconds=1))
        (now,) = await store.heads([ACME], at=datetime.now(UTC) + timedelta(hours=1))
        assert (earlier.position, then.position, now.position) == (0, 2, 3)

    async def test_past_knowledge_is_answered_from_versions(self, store: GraphStore) -> None:
        kept, other = memory("Ann likes tea"), memory("Ann likes rain")
        created = await written(store, kept)
        changed = await written(store, replace(kept, text="Ann likes coffee", version=2), other)
        await store.commit(ACME, ChangeSet((Delete(RecordKind.MEMORY, kept.id, 2),)))

        async def known(at: int | None, *texts: str) -> bool:
            moment = None if at is None else Position(at)
            (page,) = await store.find(ACME, [Find(Memory, known_at=moment)])
            got = await store.get(ACME, Memory, [kept.id, other.id], known_at=moment)
            return (
                [each.text for each in page.records]
                == list(texts)
                == [got[id_].text for id_ in (kept.id, other.id) if id_ in got]
            )

        assert await known(0)
        assert await known(created, "Ann likes tea")
        assert await known(changed, "Ann likes coffee", "Ann likes rain")
        assert await known(None, "Ann likes rain")

    async def test_past_knowledge_is_filtered_as_it_was(self, store: GraphStore) -> None:
        kept = memory("Ann likes tea", importance=0.9)
        created = await written(store, kept)
        await written(store, replace(kept, text="Ann likes coffee", importance=0.1, version=2))
        conditions: list[Condition] = [Equal("importance", 0.9), HasWords("TEA")]
        for condition in conditions:
            then, now = await store.find(
                ACME, [Find(Memory, (condition,), known_at=created), Find(Memory, (condition,))]
            )
            assert (then.records, now.records) == ((kept,), ())
