"""What is particular to the SQLite store: its file, its groups, its disk."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mnemos_graph.errors import BadInput, Conflict, Unavailable
from mnemos_graph.model import RECORD_TYPES, Memory, Record
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.sqlite.migrations import MIGRATIONS
from mnemos_graph.store import ChangeSet, Committed, Erase, Find, Put
from tests.conformance.samples import ACME, entity, memory


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(tmp_path)
    yield store
    await store.close()


async def kept(store: SqliteStore) -> list[str]:
    (page,) = await store.find(ACME, [Find(Memory)])
    return sorted(each.text for each in page.records)


def put(*records: Record) -> ChangeSet:
    return ChangeSet(tuple(Put(record) for record in records))


async def test_what_was_written_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    first = await SqliteStore.open(tmp_path)
    await first.commit(ACME, put(memory("kept")))
    await first.close()
    second = await SqliteStore.open(tmp_path)
    assert await kept(second) == ["kept"]
    assert (await second.commit(ACME, put(memory("more")))).first == 2
    await second.close()


async def test_a_newer_file_is_refused_by_both_versions(tmp_path: Path) -> None:
    newer = len(MIGRATIONS) + 1
    with closing(sqlite3.connect(tmp_path / "mnemos.db")) as database:
        database.execute(f"PRAGMA user_version = {newer}")
    with pytest.raises(BadInput, match=rf"version {newer}\b.* up to {len(MIGRATIONS)}\b"):
        await SqliteStore.open(tmp_path)


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await SqliteStore.open(tmp_path / "missing")


@pytest.mark.parametrize("kind", RECORD_TYPES.values())
async def test_every_declared_field_has_its_column(
    store: SqliteStore, tmp_path: Path, kind: type[Record]
) -> None:
    with closing(sqlite3.connect(tmp_path / "mnemos.db")) as database:
        rows = database.execute(f"PRAGMA table_info({kind.KIND.value})")
        assert {row[1] for row in rows} >= kind.INDEXED.keys()


async def test_writes_that_wait_share_a_transaction(store: SqliteStore, tmp_path: Path) -> None:
    before = frames(tmp_path)
    for number in range(20):
        await store.commit(ACME, put(memory(f"alone {number}")))
    alone = frames(tmp_path) - before
    before = frames(tmp_path)
    await asyncio.gather(*(store.commit(ACME, put(memory(f"all {n}"))) for n in range(20)))
    assert frames(tmp_path) - before < alone / 4


def frames(folder: Path) -> int:
    """Bytes in the write-ahead log: each transaction writes its pages anew."""
    return (folder / "mnemos.db-wal").stat().st_size


async def test_in_a_group_only_what_is_refused_fails(store: SqliteStore) -> None:
    rivals = [entity("Ann") for _ in range(10)]
    results = await asyncio.gather(
        *(store.commit(ACME, put(memory(f"{n}"), each)) for n, each in enumerate(rivals)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in results) == ["Committed"] + ["Conflict"] * 9
    assert len(await kept(store)) == 1
    assert len(await store.changes(ACME)) == 2


@pytest.mark.parametrize(
    ("guilty", "error"),
    [
        (memory("too large", importance=10**30), OverflowError),
        (memory("not JSON", metadata={"a": object()}), TypeError),
        (memory("half \ud83d"), BadInput),
    ],
)
async def test_something_unforeseen_fails_alone(
    store: SqliteStore, guilty: Memory, error: type[Exception]
) -> None:
    sets = [put(memory("a")), put(guilty), put(memory("b"))]
    a, failure, b = await asyncio.gather(
        *(store.commit(ACME, each) for each in sets), return_exceptions=True
    )
    assert isinstance(failure, error)
    assert (a, b) == (Committed(1, 1), Committed(2, 2))  # type: ignore[arg-type]
    assert await kept(store) == ["a", "b"]


async def test_a_set_sees_what_was_written_before_it_in_its_group(store: SqliteStore) -> None:
    versions = [memory("first")]
    for number in range(2, 6):
        versions.append(replace(versions[-1], version=number, text=f"version {number}"))
    sets = [put(each) for each in versions]
    sets += [ChangeSet((Erase(Memory.KIND, versions[0].id),)), put(versions[0])]
    await asyncio.gather(*(store.commit(ACME, each) for each in sets))
    assert await kept(store) == ["first"]
    assert [each.text for each, _ in await store.search(ACME, Memory, "first version")] == ["first"]
    assert [each.subject_id for each in await store.changes(ACME)] == [""] * 6 + [versions[0].id]


async def test_a_full_disk_stops_writes_until_there_is_room(store: SqliteStore) -> None:
    await store.commit(ACME, put(memory("before")))
    await pages(store, 1)
    with pytest.raises(Unavailable, match="full"):
        await store.commit(ACME, put(memory("x" * 30_000)))
    assert await kept(store) == ["before"]
    await pages(store, 1 << 30)
    await store.commit(ACME, put(memory("after")))
    assert await kept(store) == ["after", "before"]
    assert [each.position for each in await store.changes(ACME)] == [1, 2]


async def pages(store: SqliteStore, most: int) -> None:
    """Let the file have no more pages than it has, or than ``most``."""
    await store._database.write(
        lambda database: database.execute(f"PRAGMA max_page_count = {most}").fetchall()
    )


async def test_closing_finishes_what_was_accepted(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path)
    writes = [asyncio.ensure_future(store.commit(ACME, put(memory(f"{n}")))) for n in range(50)]
    await asyncio.sleep(0)
    await store.close()
    assert {each.last for each in await asyncio.gather(*writes)} == set(range(1, 51))
    with pytest.raises(Unavailable):
        await store.commit(ACME, put(memory("late")))


async def test_a_caller_that_gave_up_changes_nothing_for_others(store: SqliteStore) -> None:
    impatient = asyncio.ensure_future(store.commit(ACME, put(memory("handed over"))))
    await asyncio.sleep(0)
    impatient.cancel()
    await store.commit(ACME, put(memory("patient")))
    assert await kept(store) == ["handed over", "patient"]


async def test_nothing_erased_is_left_in_the_files(store: SqliteStore, tmp_path: Path) -> None:
    secret = memory("Zyxwvut lives in a lighthouse", tags=("qwpolk",))
    await store.commit(ACME, put(memory("harmless"), secret))
    await store.commit(ACME, put(replace(secret, version=2, text="Zyxwvut moved")))
    await store.commit(ACME, ChangeSet((Erase(Memory.KIND, secret.id),)))
    await store.scrub()
    assert in_files(tmp_path, "harmless")
    assert [word for word in ("zyxwvut", "lighthous", "qwpolk") if in_files(tmp_path, word)] == []


def in_files(folder: Path, word: str) -> bool:
    return any(word.encode() in path.read_bytes().lower() for path in folder.iterdir())


async def test_two_files_that_were_opened_at_once_do_not_lose_each_others_writes(
    store: SqliteStore, tmp_path: Path
) -> None:
    other = await SqliteStore.open(tmp_path)
    for number in range(3):
        await store.commit(ACME, put(memory(f"here {number}")))
        await other.commit(ACME, put(memory(f"there {number}")))
    with pytest.raises(Conflict):
        await asyncio.gather(*(each.commit(ACME, put(entity("Ann"))) for each in (store, other)))
    assert [each.position for each in await store.changes(ACME)] == list(range(1, 8))
    await other.close()
