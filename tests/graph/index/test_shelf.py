"""Indexes are built once, followed, bounded, and forget what was erased."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from mnemos_graph.errors import Unavailable
from mnemos_graph.index import shelf as shelving
from mnemos_graph.index.reading import Generation
from mnemos_graph.index.shelf import Shelf
from mnemos_graph.model import Access, Memory, Partition, Position, Record, RecordId, Scope
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Erase, Find, Page, Put
from tests.conformance.samples import ACME, memory

ANN = Partition("ann")
GENERATION = Generation("none", 2)


R = TypeVar("R", bound=Record)


class Counting(SqliteStore):
    """A store that counts how often it is asked for pages, and can be away."""

    finds = 0
    away = False

    async def find(self, access: Access, questions: Sequence[Find[R]]) -> Sequence[Page[R]]:
        self.finds += 1
        self._there()
        return await super().find(access, questions)

    async def get(
        self,
        access: Access,
        kind: type[R],
        ids: Collection[RecordId],
        *,
        known_at: Position | None = None,
    ) -> Mapping[RecordId, R]:
        self._there()
        return await super().get(access, kind, ids, known_at=known_at)

    def _there(self) -> None:
        if self.away:
            raise Unavailable("The store is away. Try again shortly.")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Counting]:
    opened = await Counting.open(tmp_path)
    yield opened
    await opened.close()


async def keep(store: Counting, *memories: Memory) -> None:
    await store.commit(ACME, ChangeSet(tuple(map(Put, memories))))


async def known(shelf: Shelf, *partitions: Partition) -> set[RecordId]:
    standing = await shelf.current(ACME.organization, partitions)
    return {id_ for index in standing.indexes for id_ in index.numbers}


async def test_many_who_ask_at_once_build_it_once(store: Counting) -> None:
    await keep(store, *(memory(f"tea {n}") for n in range(10)))
    async with Shelf(store, GENERATION) as shelf:
        answers = await asyncio.gather(*(known(shelf, ANN) for _ in range(20)))
        assert {len(answer) for answer in answers} == {10}
        assert store.finds == 1


async def test_a_change_is_followed_without_building_anew(store: Counting) -> None:
    async with Shelf(store, GENERATION) as shelf:
        assert await known(shelf, ANN) == set()
        added = memory("tea")
        await keep(store, added)
        assert await known(shelf, ANN) == {added.id}
        assert store.finds == 1


async def test_the_longest_unused_index_makes_room(store: Counting) -> None:
    scopes = [Scope(user_id=f"user{n}") for n in range(8)]
    await keep(store, *(memory("tea " * 50, scope=scope) for scope in scopes for _ in range(20)))
    async with Shelf(store, GENERATION, most_bytes=100_000) as shelf:
        for scope in scopes:
            assert len(await known(shelf, scope.partition)) == 20
            assert shelf.nbytes <= 100_000
        built = store.finds
        assert len(await known(shelf, scopes[-1].partition)) == 20
        assert store.finds == built
        assert len(await known(shelf, scopes[0].partition)) == 20
        assert store.finds == built + 1


async def test_an_erasure_leaves_nothing_in_any_index(store: Counting) -> None:
    gone = memory("a secret")
    await keep(store, gone)
    async with Shelf(store, GENERATION) as shelf:
        (before,) = (await shelf.current(ACME.organization, [ANN])).indexes
        await store.commit(ACME, ChangeSet((Erase(gone.KIND, gone.id),)))
        (after,) = (await shelf.current(ACME.organization, [ANN])).indexes
        assert after is not before
        assert after.ids == []


async def test_a_log_that_ran_far_ahead_is_not_read(
    store: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelving, "_MOST_BEHIND", 5)
    async with Shelf(store, GENERATION) as shelf:
        await known(shelf, ANN)
        added = [memory(f"tea {n}") for n in range(10)]
        await keep(store, *added)
        assert await known(shelf, ANN) == {each.id for each in added}


async def test_a_store_that_was_away_is_asked_again(store: Counting) -> None:
    first, second = memory("tea"), memory("milk")
    await keep(store, first)
    async with Shelf(store, GENERATION) as shelf:
        for added in ((), (second,)):
            if added:
                await keep(store, *added)
            store.away = True
            with pytest.raises(Unavailable):
                await known(shelf, ANN)
            store.away = False
            assert await known(shelf, ANN) == {first.id, *(each.id for each in added)}


async def test_writes_while_it_is_asked_are_never_missed(store: Counting) -> None:
    async with Shelf(store, GENERATION) as shelf:

        async def write_then_ask(number: int) -> None:
            written = memory(f"tea {number}")
            await keep(store, written)
            assert written.id in await known(shelf, ANN)

        await asyncio.gather(*(write_then_ask(number) for number in range(60)))
