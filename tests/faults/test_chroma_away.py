"""Chroma's server goes away under load: nothing acknowledged is lost, and nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from mnemos_graph.errors import Unavailable
from mnemos_graph.index.comparing import Signal
from mnemos_graph.memory.recall.recall import Recalled
from mnemos_graph.model import Access
from mnemos_graph.vectors import OpenVectors, Point, VectorStore
from mnemos_graph.vectors.chroma_rest import ChromaRest, chroma_rest
from mnemos_graph.vectors.chroma_server import ChromaServer
from tests.conformance.samples import ACME
from tests.faults.chroma_load import Load, load, replayed
from tests.faults.length import LONG
from tests.servers.chroma import ChromaProcess, chroma_server, held
from tests.servers.relay import relay

AWAY_SECONDS = 60 if LONG else 3
SETTLES_SECONDS = 1

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChromaProcess]:
    async with chroma_server(tmp_path / "chroma") as opened:
        yield opened


def without_vectors(answers: Sequence[Recalled]) -> list[bool]:
    """Return of each answer whether it found something and says that vectors were missing."""
    return [bool(each.hits) and each.degraded == (Signal.VECTOR,) for each in answers]


async def everything_is_indexed(running: Load, server: ChromaProcess) -> bool:
    """Wait until every process answers in full again, and compare the server with the log."""
    for process in running.processes:
        await process.caught_up()
        await process.answers_in_full()
    expected = await replayed(running.processes[0].services.store)
    return await held(server.url, ACME) == expected


async def test_writes_go_on_and_are_indexed_after_it_returns(
    tmp_path: Path, server: ChromaProcess
) -> None:
    async with load(tmp_path, server.url) as running:
        async with running.going_on():
            await running.recalled_for(SETTLES_SECONDS)
            await asyncio.to_thread(server.end)
            before = running.acknowledged
            answers = await running.recalled_for(AWAY_SECONDS)
            assert running.acknowledged > before
            await asyncio.to_thread(server.start)
            await running.recalled_for(SETTLES_SECONDS)
        assert all(without_vectors(answers))
        assert await everything_is_indexed(running, server)


async def test_a_server_that_returns_empty_is_filled_again(
    tmp_path: Path, server: ChromaProcess
) -> None:
    async with load(tmp_path, server.url) as running:
        async with running.going_on():
            await running.recalled_for(SETTLES_SECONDS)
            await asyncio.to_thread(server.end)
            await asyncio.to_thread(lambda: server.start(empty=True))
            await running.recalled_for(SETTLES_SECONDS)
        assert await everything_is_indexed(running, server)


@pytest.mark.parametrize("then", ["it answers late", "the connections are cut"])
async def test_connections_that_are_half_open_keep_nobody_waiting(
    tmp_path: Path, server: ChromaProcess, then: str
) -> None:
    async with (
        relay(*server.address) as between,
        load(tmp_path, f"http://127.0.0.1:{between.port}") as running,
    ):
        async with running.going_on():
            await running.recalled_for(SETTLES_SECONDS)
            between.hold()
            before = running.acknowledged
            answers = await running.recalled_for(AWAY_SECONDS)
            assert running.acknowledged > before
            if then == "the connections are cut":
                between.cut()
            between.forward()
        assert all(without_vectors(answers))
        assert await everything_is_indexed(running, server)


async def test_connections_that_are_cut_again_and_again_lose_no_point(
    tmp_path: Path, server: ChromaProcess
) -> None:
    async with (
        relay(*server.address) as between,
        load(tmp_path, f"http://127.0.0.1:{between.port}") as running,
    ):
        async with running.going_on():
            for _ in range(200 if LONG else 20):
                await running.recalled_for(0.1)
                between.cut()
        assert await everything_is_indexed(running, server)


class MovesFirst(ChromaServer):
    """A bug: points are put a little later, so the mark moves before they are there."""

    def __init__(self, rest: ChromaRest) -> None:
        super().__init__(rest)
        self._later: set[asyncio.Task[None]] = set()

    async def put(self, access: Access, generation: str, points: Sequence[Point]) -> None:
        self._later.add(asyncio.create_task(self._put(access, generation, points)))

    async def _put(self, access: Access, generation: str, points: Sequence[Point]) -> None:
        await asyncio.sleep(0.3)
        with suppress(Unavailable):
            await super().put(access, generation, points)


async def test_a_mark_that_moves_before_the_points_are_put_is_found(
    tmp_path: Path, server: ChromaProcess
) -> None:
    def hasty(url: str) -> OpenVectors:
        @asynccontextmanager
        async def opened() -> AsyncGenerator[VectorStore, None]:
            async with chroma_rest(url) as rest:
                yield MovesFirst(rest)

        return opened

    async with load(tmp_path, server.url, opens=hasty) as running:
        async with running.going_on():
            await running.recalled_for(SETTLES_SECONDS)
            await asyncio.to_thread(server.end)
            await running.recalled_for(SETTLES_SECONDS)
            await asyncio.to_thread(server.start)
            await running.recalled_for(SETTLES_SECONDS)
        assert not await everything_is_indexed(running, server)
