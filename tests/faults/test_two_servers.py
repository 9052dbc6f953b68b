"""Two programs on one data folder: the second is refused, and the first goes on."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import httpx
import pytest

from tests.process import mnemos_serve

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

ALIKE = ("-m", "mnemos", "serve", "--port", "0")
WITHOUT_LOCK = ("-m", "tests.faults.unlocked")


async def refusal(folder: Path, *program: str) -> str | None:
    """Start a second program on a folder; return why it gave up, or None where it serves."""
    second = await asyncio.create_subprocess_exec(
        *(sys.executable, *program),
        env=os.environ | {"MNEMOS_DATA": str(folder)},
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert second.stdout is not None
    if await second.stdout.readline():
        second.terminate()
        await second.communicate()
        return None
    _, said = await second.communicate()
    return said.decode()


async def test_a_second_program_is_told_who_has_the_folder(tmp_path: Path) -> None:
    async with mnemos_serve(tmp_path) as first:
        said = await refusal(tmp_path, *ALIKE)
        assert said is not None
        assert f"http://{first.address}" in said
        assert "MNEMOS_DATA" in said
        async with httpx.AsyncClient(base_url=f"http://{first.address}") as http:
            written = {
                "query": 'mutation { createMemory(input: {text: "x", scope: {}}) { position } }'
            }
            assert "errors" not in (await http.post("/graphql", json=written)).json()


async def test_a_program_that_skips_the_lock_is_found(tmp_path: Path) -> None:
    async with mnemos_serve(tmp_path):
        assert await refusal(tmp_path, *WITHOUT_LOCK) is None
