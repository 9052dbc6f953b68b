"""The cache keeps every promise of the store that it stands over, also with what it has kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mnemos_graph.cache.opening import Cache, open_cache
from mnemos_graph.feed import Feed, LocalBus
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import GraphStore
from tests.conformance.memory_store import MemoryStore
from tests.conformance.same_answers import OpenStore, SameAnswers
from tests.conformance.samples import ACME, GLOBEX
from tests.conformance.suite import GraphStoreSuite


class AskedTwice:
    """Reads everything twice, so that the second answer is one that was kept, if any is."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._cache.store, name)
        if name in {"commit", "derive"}:
            return method  # type: ignore[no-any-return]

        async def twice(*given: Any, **named: Any) -> Any:
            first = await method(*given, **named)
            await self._cache.settle()
            again = await method(*given, **named)
            assert _comparable(again) == _comparable(first), (name, given, named)
            return again

        return twice


def _comparable(answer: Any) -> Any:
    return list(answer) if isinstance(answer, Sequence) else answer


@asynccontextmanager
async def cached(inner: GraphStore) -> AsyncGenerator[Cache, None]:
    async with Feed(inner, LocalBus()) as feed, open_cache(inner, feed) as cache:
        await cache.store.heads([ACME, GLOBEX])
        yield cache


class TestCacheOverTheReference(GraphStoreSuite, SameAnswers):
    @pytest.fixture(params=["reading", "deciding", "kept"])
    async def store(self, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
        async with cached(MemoryStore()) as cache:
            if request.param == "kept":
                yield AskedTwice(cache)
            else:
                yield cache.store if request.param == "reading" else cache.deciding

    @pytest.fixture
    def open_store(self) -> Callable[[], Any]:
        @asynccontextmanager
        async def opened() -> AsyncGenerator[Any, None]:
            async with cached(MemoryStore()) as cache:
                yield AskedTwice(cache)

        return opened


class TestCacheOverSqlite(GraphStoreSuite, SameAnswers):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Any]:
        inner = await SqliteStore.open(tmp_path)
        async with cached(inner) as cache:
            yield AskedTwice(cache)
        await inner.close()

    @pytest.fixture
    def open_store(self, tmp_path: Path) -> OpenStore:
        folders = count()

        @asynccontextmanager
        async def opened() -> AsyncGenerator[Any, None]:
            folder = tmp_path / f"store-{next(folders)}"
            folder.mkdir()
            inner = await SqliteStore.open(folder)
            try:
                async with cached(inner) as cache:
                    yield AskedTwice(cache)
            finally:
                await inner.close()

        return opened
