"""An organization that moves from store to store stays what it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from itertools import count, cycle
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from mnemos_graph.errors import Conflict, Moved, NotFound, Unavailable
from mnemos_graph.feed import Feed, LocalBus, cursor
from mnemos_graph.memory.transfer.moving import move
from mnemos_graph.model import Access, Head, OrganizationId, Position
from mnemos_graph.neo4j import Neo4jStore, open_neo4j
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import (
    ChangeSet,
    Delete,
    DerivedRef,
    Fence,
    Find,
    GraphStore,
    Page,
    Put,
)
from mnemos_graph.store.copying import KeptVersion, Row, Seal, Section
from tests.conformance.generated import histories
from tests.conformance.same_answers import History, OpenStore, SameAnswers, compare
from tests.conformance.samples import ACME, ANN, EVERYONE, GLOBEX, entity, fact, memory
from tests.servers.neo4j import Neo4jServer, emptied

NewStore = Callable[[], Any]
BETWEEN_MOVES = 3
"""Questions between two moves."""


class Wandering:
    """A store whose organizations move to a new one again and again, between questions."""

    def __init__(self, first: Any, new_store: Callable[[], Any]) -> None:
        self._store = first
        self._new_store = new_store
        self._asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def find(self, access: Access, questions: Sequence[Find[Any]]) -> Sequence[Page[Any]]:
        self._asked += 1
        if self._asked % BETWEEN_MOVES == 0:
            await self._move()
        pages: Sequence[Page[Any]] = await self._store.find(access, questions)
        return pages

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


@asynccontextmanager
async def new_sqlite(within: Path) -> AsyncGenerator[SqliteStore, None]:
    folder = await asyncio.to_thread(made, within)
    store = await SqliteStore.open(folder)
    yield store
    await store.close()


class TestAStoreThatMoves(SameAnswers):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> OpenStore:
        folders = count()

        @asynccontextmanager
        async def opened() -> AsyncGenerator[GraphStore, None]:
            async with AsyncExitStack() as stack:

                async def new_store() -> SqliteStore:
                    folder = tmp_path / f"store-{next(folders)}"
                    return await stack.enter_async_context(new_sqlite(folder))

                yield cast("GraphStore", Wandering(await new_store(), new_store))

        return opened


@pytest.mark.server
@pytest.mark.timeout(180)
class TestAStoreThatMovesToNeo4jAndBack:
    @settings(
        deadline=None,
        max_examples=2,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(history=histories)
    def test_any_history_leaves_the_same_answers(
        self, open_store: OpenStore, history: History
    ) -> None:
        asyncio.run(compare(open_store, history))

    @pytest.fixture
    def open_store(self, tmp_path: Path, shared_neo4j: Neo4jServer) -> OpenStore:
        folders = count()

        @asynccontextmanager
        async def opened() -> AsyncGenerator[GraphStore, None]:
            async with (
                AsyncExitStack() as stack,
                open_neo4j(await emptied(shared_neo4j)) as neo4j,
            ):
                back = cycle([False, True])

                async def new_store() -> Any:
                    if next(back):
                        return neo4j
                    folder = tmp_path / f"store-{next(folders)}"
                    return await stack.enter_async_context(new_sqlite(folder))

                yield cast("GraphStore", Wandering(neo4j, new_store))

        return opened


Store = SqliteStore | Neo4jStore
WAYS = [
    ("sqlite", "sqlite"),
    pytest.param(("sqlite", "neo4j"), marks=pytest.mark.server),
    pytest.param(("neo4j", "sqlite"), marks=pytest.mark.server),
]


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> tuple[str, str]:
    named: tuple[str, str] = request.param
    return named


@pytest.fixture
async def source(
    way: tuple[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Store]:
    async with opened(way[0], tmp_path / "source", request) as store:
        yield store


@pytest.fixture
async def target(
    way: tuple[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Store]:
    async with opened(way[1], tmp_path / "target", request) as store:
        yield store


@asynccontextmanager
async def opened(
    kind: str, folder: Path, request: pytest.FixtureRequest
) -> AsyncGenerator[Store, None]:
    if kind == "sqlite":
        async with new_sqlite(folder) as sqlite:
            yield sqlite
    else:
        server: Neo4jServer = request.getfixturevalue("shared_neo4j")
        async with open_neo4j(await emptied(server)) as neo4j:
            yield neo4j


async def test_a_cursor_of_before_goes_on_where_it_stood(source: Store, target: Store) -> None:
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
    source: Store, target: Store
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
    with pytest.raises(Moved, match="Point MNEMOS_STORE"):
        await source.heads([ACME])
    with pytest.raises(Moved, match="Point MNEMOS_STORE"):
        await source.get(ACME, type(kept), [kept.id])
    with pytest.raises(Moved, match="Point MNEMOS_STORE"):
        await source.commit(ACME, ChangeSet((Put(memory("late")),)))
    await source.commit(GLOBEX, ChangeSet((Put(memory("not moved")),)))


async def test_a_copy_cannot_be_used_before_it_is_whole(target: Store) -> None:
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
    source: Store, target: Store
) -> None:
    await source.commit(ACME, ChangeSet((Put(memory()), Put(memory("more")))))
    with pytest.raises(Unavailable, match="has 1 versions that are not the 2"):
        await move(ACME.organization, source.copying, Losing(target.copying), ignore)
    await source.commit(ACME, ChangeSet((Put(memory("goes on")),)))
    assert (
        await move(ACME.organization, source.copying, target.copying, ignore)
    ).head.position == 3


async def test_what_is_in_use_is_not_overwritten(source: Store, target: Store) -> None:
    for store in (source, target):
        await store.commit(ACME, ChangeSet((Put(memory()),)))
    with pytest.raises(Conflict, match="has acme already"):
        await move(ACME.organization, source.copying, target.copying, ignore)
    await source.commit(ACME, ChangeSet((Put(memory("goes on")),)))


async def test_an_organization_can_move_there_and_back(source: Store, target: Store) -> None:
    kept = memory()
    await source.commit(ACME, ChangeSet((Put(kept),)))
    await move(ACME.organization, source.copying, target.copying, ignore)
    await target.commit(ACME, ChangeSet((Delete(kept.KIND, kept.id, 1),)))
    with pytest.raises(Conflict, match="moved from here before"):
        await move(ACME.organization, source.copying, target.copying, ignore)
    back = await move(ACME.organization, target.copying, source.copying, ignore)
    assert back.head == Head(3, Position(2), began=Position(2))
    assert await source.get(ACME, type(kept), [kept.id]) == {}


async def rows(store: Store, section: Section, limit: int) -> list[Row]:
    """Return all rows of a section, read in pages of ``limit``."""
    found = list[Row]()
    while page := await store.copying.read(
        ACME.organization, section, after=found[-1] if found else None, limit=limit
    ):
        found += page
    return found


async def test_pages_of_any_size_bring_every_row_once(source: Store) -> None:
    people = [entity(name, scope=scope) for name in "abc" for scope in (ANN, EVERYONE)]
    await source.commit(ACME, ChangeSet(tuple(map(Put, people))))
    changed = tuple(Put(replace(each, version=2)) for each in people[::2])
    await source.commit(ACME, ChangeSet(changed))
    await source.commit(ACME, ChangeSet(tuple(Fence(each.partition) for each in (ANN, EVERYONE))))
    refs = [
        DerivedRef(each.id, version, model)
        for each in people[:3]
        for version in (1, 2)
        for model in "ab"
    ]
    await source.derive(ACME, dict.fromkeys(refs, b"x"))
    for section, many in zip(Section, (9, 3, 2, 12), strict=True):
        whole = await rows(source, section, 100)
        assert len(whole) == many
        for limit in (1, 2, 5):
            assert await rows(source, section, limit) == whole


async def test_what_is_nowhere_cannot_be_moved(source: Store, target: Store) -> None:
    with pytest.raises(NotFound):
        await move(ACME.organization, source.copying, target.copying, ignore)


async def test_vectors_and_marks_come_along_and_commits_stay_known(
    source: Store, target: Store
) -> None:
    ann = entity()
    first = ChangeSet((Put(ann), Put(fact(ann, "likes", "tea"))))
    committed = await source.commit(ACME, first)
    refs = {DerivedRef(ann.id, 1, "a model"): b"\x00\xff", DerivedRef(ann.id, 2, ""): b""}
    await source.derive(ACME, refs)
    await move(ACME.organization, source.copying, target.copying, ignore)
    assert await target.derived(ACME, refs) == refs
    assert await target.commit(ACME, first) == committed


async def test_listeners_of_what_was_moved_are_sent_away_and_the_others_go_on(
    source: Store, target: Store
) -> None:
    for access in (ACME, GLOBEX):
        await source.commit(access, ChangeSet((Put(memory()),)))
    async with Feed(source, LocalBus()) as feed:
        leaving, staying = feed.follow(ACME), feed.follow(GLOBEX)
        await anext(leaving)
        await anext(staying)
        await move(ACME.organization, source.copying, target.copying, ignore)
        await feed.check([ACME.organization, GLOBEX.organization])
        with pytest.raises(StopAsyncIteration):
            await anext(leaving)
        await source.commit(GLOBEX, ChangeSet((Put(memory("goes on")),)))
        assert [each.position for each in (await anext(staying)).changes] == [2]
