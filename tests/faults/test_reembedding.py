"""kill -9 while memories are given the vectors of another embedder."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from mnemos_graph.memory.indexing.succession import Made
from mnemos_graph.model import Memory
from mnemos_graph.sqlite import SqliteStore
from tests.faults.reembedding import HALF
from tests.graph.memory.changing import NEW, OLD, House, filled, new, until_settled

ROOT = Path(__file__).parents[2]
COUNT = 2 * HALF + 50

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


async def killed(folder: Path, bug: str = "none") -> Sequence[Memory]:
    """Let a process begin, kill it half way, and return all memories that there are."""
    store = await SqliteStore.open(folder)
    memories = await filled(House(store), COUNT)
    await store.close()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.reembedding", str(folder), bug),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"half\n"
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    return memories


async def texts_of_the_rest(folder: Path, memories: Sequence[Memory]) -> int | None:
    """Start again, wait for the end, and return how many were embedded; None: some have nothing."""
    store = await SqliteStore.open(folder)
    house, embedder = House(store), new()
    try:
        assert len(await house.kept(memories, OLD)) == COUNT
        async with house.run(embedder) as program:
            await until_settled(house, Made(NEW))
            assert len(await program.jobs()) == 1
        assert await house.kept(memories, OLD) == set()
        whole = len(await house.kept(memories, NEW)) == COUNT
        return len(embedder.texts) if whole else None
    finally:
        await store.close()


async def test_what_a_kill_cut_off_is_gone_on_with_where_it_was(tmp_path: Path) -> None:
    memories = await killed(tmp_path)
    assert await texts_of_the_rest(tmp_path, memories) == COUNT - HALF


async def test_a_note_that_runs_ahead_is_found(tmp_path: Path) -> None:
    memories = await killed(tmp_path, "notes before it embeds")
    assert await texts_of_the_rest(tmp_path, memories) is None
