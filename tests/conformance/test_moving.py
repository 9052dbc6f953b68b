"""An organization that moves from store to store stays what it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from mnemos_graph.errors import Conflict, Moved, NotFound, Unavailable
from mnemos_graph.feed import cursor
from mnemos_graph.memory.transfer.moving import move
from mnemos_graph.model import Access, Head, OrganizationId, Position
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Delete, DerivedRef, Find, GraphStore, Page, Put
from mnemos_graph.store.copying import KeptVersion, Row, Seal, Section
from tests.conformance.same_answers import OpenStore, SameAnswers
from tests.conformance.samples import ACME, GLOBEX, entity, fact, memory

NewStore = Callable[[], Any]
BETWEEN_MOVES = 3
"""Questions between two moves."""


class Wandering:
    """A store whose organizations move to a new one again and again, between questions."""

    def __init__(self, first: SqliteStore, new_store: Callable[[], Any]) -> None:
        self._store = first
        self._new_store = new_store
        self._asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def find(self, access: Access, questions: Sequence[Find[Any]]) -> Sequence[Page[Any]]:
        self._asked += 1
        if self._asked % BETWEEN_MOVES == 0:
            await self._move()
        return await self._store.find(access, questions)

    async def _move(self) -> None:
        source, target = self._store, await self._new_store()
        for organization in await source.copying.stored():
            await move(organization, source.copying, target.copying, ignore)
        self._store = target


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def ignore(section: Section, rows: int) -> None:
    """Nobody watches."""


class TestAStoreThatMoves(SameAnswers):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> OpenStore:
        folders = count()

        @asynccontextmanager
        async def opened() -> AsyncGenerator[GraphStore, None]:
            async with AsyncExitStack() as stack:

                async def new_store() -> SqliteStore:
                    name = f"store-{next(folders)}"
                    return await stack.enter_async_context(sqlite_in(tmp_path, name))

                yield cast("GraphStore", Wandering(await new_store(), new_store))

        return opened


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with sqlite_in(tmp_path, "source") as store:
        yield store


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with sqlite_in(tmp_path, "target") as store:
        yield store


@asynccontextmanager
async def sqlite_in(within: Path, name: str) -> AsyncGenerator[SqliteStore, None]:
    folder = await asyncio.to_thread(made, within / name)
    store = await SqliteStore.open(folder)
    yield store
    await store.close()


async def test_a_cursor_of_before_goes_on_where_it_stood(
    source: SqliteStore, target: SqliteStore
) -> None:
    committed = await source.commit(ACME, ChangeSet((Put(memory()), Put(memory("more")))))
    (head,) = await source.heads([ACME])
    given = cursor.encode(ACME.organization, head.epoch, committed.last)
    await move(ACME.organization, source.copying, target.copying, ignore)
    (moved,) = await target.heads([ACME])
    assert moved == Head(head.epoch + 1, head.position, began=head.position)
    assert cursor.decode(ACME.organization, moved, given) == committed.last
    later = await target.commit(ACME, ChangeSet((Put(memory("later")),)))
    assert later.first == committed.last + 1


async def test_the_source_is_readable_while_it_is_copied_and_refuses_after(
    source: SqliteStore, target: SqliteStore
) -> None:
    kept = memory()
    await source.commit(ACME, ChangeSet((Put(kept),)))
    await source.copying.seal(ACME.organization, Seal.MOVING)
    assert await source.get(ACME, type(kept), [kept.id]) == {kept.id: kept}
    with pytest.raises(Moved, match="moved to another store"):
        await source.commit(ACME, ChangeSet((Put(memory("late")),)))
    with pytest.raises(Moved):
        await source.derive(ACME, {DerivedRef(kept.id, 1, "late"): b"late"})
    await move(ACME.organization, source.copying, target.copying, ignore)
    for asked in (source.heads([ACME]), source.get(ACME, type(kept), [kept.id])):
        with pytest.raises(Moved, match="Point MNEMOS_STORE"):
            await asked
    await source.commit(GLOBEX, ChangeSet((Put(memory("not moved")),)))


async def test_a_copy_cannot_be_used_before_it_is_whole(target: SqliteStore) -> None:
    await target.copying.begin(ACME.organization)
    with pytest.raises(Moved, match="being copied"):
        await target.heads([ACME])
    with pytest.raises(Moved, match="being copied"):
        await target.commit(ACME, ChangeSet((Put(memory()),)))


class Losing:
    """A target that loses one version, as a defect would."""

    def __init__(self, copying: Any) -> None:
        self._copying = copying

    def __getattr__(self, name: str) -> Any:
        return getattr(self._copying, name)

    async def write(self, organization: OrganizationId, rows: Sequence[Row]) -> None:
        versions = isinstance(rows[0], KeptVersion)
        await self._copying.write(organization, rows[1:] if versions else rows)


async def test_a_copy_that_lost_something_is_found_out_and_the_source_goes_on(
    source: SqliteStore, target: SqliteStore
) -> None:
    await source.commit(ACME, ChangeSet((Put(memory()), Put(memory("more")))))
    with pytest.raises(Unavailable, match="has 1 versions that are not the 2"):
        await move(ACME.organization, source.copying, Losing(target.copying), ignore)
    await source.commit(ACME, ChangeSet((Put(memory("goes on")),)))
    assert (
        await move(ACME.organization, source.copying, target.copying, ignore)
    ).head.position == 3


async def test_what_is_in_use_is_not_overwritten(source: SqliteStore, target: SqliteStore) -> None:
    for store in (source, target):
        await store.commit(ACME, ChangeSet((Put(memory()),)))
    with pytest.raises(Conflict, match="has acme already"):
        await move(ACME.organization, source.copying, target.copying, ignore)
    await source.commit(ACME, ChangeSet((Put(memory("goes on")),)))


async def test_an_organization_can_move_there_and_back(
    source: SqliteStore, target: SqliteStore
) -> None:
    kept = memory()
    await source.commit(ACME, ChangeSet((Put(kept),)))
    await move(ACME.organization, source.copying, target.copying, ignore)
    await target.commit(ACME, ChangeSet((Delete(kept.KIND, kept.id, 1),)))
    with pytest.raises(Conflict, match="moved from here before"):
        await move(ACME.organization, source.copying, target.copying, ignore)
    back = await move(ACME.organization, target.copying, source.copying, ignore)
    assert back.head == Head(3, Position(2), began=Position(2))
    assert await source.get(ACME, type(kept), [kept.id]) == {}


async def test_what_is_nowhere_cannot_be_moved(source: SqliteStore, target: SqliteStore) -> None:
    with pytest.raises(NotFound):
        await move(ACME.organization, source.copying, target.copying, ignore)


async def test_vectors_and_marks_come_along_and_commits_stay_known(
    source: SqliteStore, target: SqliteStore
) -> None:
    ann = entity()
    first = ChangeSet((Put(ann), Put(fact(ann, "likes", "tea"))))
    committed = await source.commit(ACME, first)
    refs = {DerivedRef(ann.id, 1, "a model"): b"\x00\xff", DerivedRef(ann.id, 2, ""): b""}
    await source.derive(ACME, refs)
    await move(ACME.organization, source.copying, target.copying, ignore)
    assert await target.derived(ACME, refs) == refs
    assert await target.commit(ACME, first) == committed
