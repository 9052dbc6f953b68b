"""kill -9 between the commit of a memory and its vector."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from mnemos_graph.feed import Feed, LocalBus
from mnemos_graph.memory.indexing.indexing import Indexer
from mnemos_graph.model import Memory, Position, RecordId
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import DerivedRef
from tests.conformance.samples import ACME
from tests.embedders import WordEmbedder

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


async def killed(folder: Path, bug: str = "none") -> DerivedRef:
    """Let a process commit a memory, kill it before the vector, and return the vector's place."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.indexing", str(folder), bug),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    committed = (await process.stdout.readline()).decode().strip()
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    return DerivedRef(RecordId(committed), 1, "words 1")


async def caught_up(folder: Path, ref: DerivedRef) -> bool:
    """Start again, let the follower reach the log's end, and say whether the vector is there."""
    store = await SqliteStore.open(folder)
    try:
        assert ref.id in await store.get(ACME, Memory, [ref.id])
        assert ref not in await store.derived(ACME, [ref])
        async with (
            Feed(store, LocalBus()) as feed,
            Indexer(store, feed, WordEmbedder()) as indexer,
            asyncio.timeout(20),
        ):
            await indexer.passed(ACME.organization, Position(2))
        return ref in await store.derived(ACME, [ref])
    finally:
        await store.close()


async def test_a_vector_that_a_kill_prevented_is_made_after_the_restart(tmp_path: Path) -> None:
    assert await caught_up(tmp_path, await killed(tmp_path))


async def test_a_mark_that_runs_ahead_is_found(tmp_path: Path) -> None:
    assert not await caught_up(tmp_path, await killed(tmp_path, "marks before it embeds"))
