"""What the pages show works as they show it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import httpx
import pytest

from mnemos_graph import errors
from mnemos_graph.errors import MnemosError
from tests.docs.examples import ROOT, shown
from tests.process import mnemos_serve
from tests.serving import Client

pytestmark = pytest.mark.timeout(120)


@pytest.mark.parametrize("page", ["docs/api.md", "README.md"])
async def test_every_operation_on_a_page_runs(page: str, tmp_path: Path) -> None:
    async with (
        mnemos_serve(tmp_path) as process,
        httpx.AsyncClient(base_url=f"http://{process.address}", timeout=60) as http,
    ):
        client = Client(process.address, http)
        for operation in shown(page, "graphql"):
            if operation.startswith("subscription"):
                async with client.socket() as socket:
                    await socket.subscribe(operation)
                    assert await socket.next(), operation
            else:
                assert None not in (await client.ask(operation)).values(), operation


async def test_the_readers_first_program_prints_what_was_remembered(tmp_path: Path) -> None:
    (program,) = shown("README.md", "python")
    async with mnemos_serve(tmp_path) as process:
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program),
            env=os.environ | {"MNEMOS_URL": f"http://{process.address}"},
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await running.communicate()
    assert running.returncode == 0
    assert "Ann works at Tidewater Labs" in printed.decode()


def test_every_code_of_ours_is_explained_in_the_api() -> None:
    text = (ROOT / "docs/api.md").read_text()
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    codes = {each.code for each in kinds if issubclass(each, MnemosError) and hasattr(each, "code")}
    assert {code for code in codes if f"`{code}`" not in text} == set()


PAGES = [
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/api.md"),
    *("docs/running.md", "docs/operations.md", "docs/recall.md", "docs/live.md"),
]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_between_pages_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text())
    assert [each for each in links if not (ROOT / page).parent.joinpath(each).exists()] == []
