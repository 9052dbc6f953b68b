"""kill -9 while Chroma follows: the collection is caught up from where it stood."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

import pytest

from mnemos_graph.model import Memory
from mnemos_graph.store import Find
from mnemos_graph.vectors.chroma_server import open_chroma_server
from tests.conformance.samples import ACME
from tests.embedders import WordEmbedder
from tests.faults.collecting import LAST, ORG, running
from tests.servers.chroma import ChromaProcess

ROOT = Path(__file__).parents[2]
KILLS = 4
LONGEST = 0.7
"""Seconds of writing before a kill."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


@pytest.fixture(params=["embedded", pytest.param("server", marks=pytest.mark.server)])
async def url(request: pytest.FixtureRequest) -> str:
    """Where Chroma's server is; empty for Chroma in the process."""
    if request.param == "embedded":
        return ""
    server: ChromaProcess = request.getfixturevalue("shared_chroma")
    async with open_chroma_server(server.url) as vectors:
        await vectors.drop(ACME)
    return server.url


async def killed(folder: Path, url: str, mode: str, seconds: float = 0) -> None:
    """Let a process run until it says something, and a while longer, then kill it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.collecting", str(folder), mode, url),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said = await process.stdout.readline()
    await asyncio.sleep(seconds)
    process.kill()
    await process.communicate()
    assert said, "it ended before it said anything"


async def not_found(folder: Path, url: str) -> list[str]:
    """Start again, catch up, and return every memory that a wide search for it does not find."""
    async with running(folder, url) as process:
        (head,) = await process.store.heads([ACME])
        async with asyncio.timeout(60):
            await process.collecting.passed(ORG, head.position)
        (page,) = await process.store.find(ACME, [Find(Memory, first=10_000)])
        missing = []
        for kept in page.records:
            (rows,) = await WordEmbedder().embed([kept.text])
            wide = await process.collecting.nearest(ACME, rows[0], 20)
            assert wide is not None
            if kept.text not in {each.text for each, _ in wide.found}:
                missing.append(kept.text)
        return missing


async def test_a_kill_at_any_moment_leaves_no_memory_out_of_wide_searches(
    tmp_path: Path, url: str
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 - to repeat a failure
    chance = random.Random(seed)
    for _ in range(KILLS):
        await killed(tmp_path, url, "busy", chance.uniform(0, LONGEST))
    assert await not_found(tmp_path, url) == []


async def test_a_point_that_a_kill_prevented_is_put_after_the_restart(
    tmp_path: Path, url: str
) -> None:
    await killed(tmp_path, url, "stuck")
    assert await not_found(tmp_path, url) == []


async def test_a_collection_that_claims_too_much_is_found(tmp_path: Path, url: str) -> None:
    await killed(tmp_path, url, "hasty")
    assert await not_found(tmp_path, url) == [LAST]
