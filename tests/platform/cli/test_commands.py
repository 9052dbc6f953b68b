from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mnemos.cli import main
from mnemos.cli.group import TRY_LATER
from mnemos.folder import held, server_address
from tests.platform.cli.running import mnemos
from tests.process import mnemos_serve

HEAVY = {"numpy", "onnxruntime", "chromadb", "strawberry", "starlette", "uvicorn", "graphql"}


@pytest.mark.parametrize("name", main.commands_told())
def test_every_command_that_is_told_of_can_be_asked_for_help(name: str) -> None:
    ran = CliRunner().invoke(main, [name, "--help"])
    assert ran.exit_code == 0
    assert ran.output.startswith(f"Usage: mnemos {name}")


async def test_nobody_at_the_address_is_said_in_one_line(tmp_path: Path) -> None:
    ran = await mnemos(tmp_path, "recall", "x", MNEMOS_URL="http://127.0.0.1:9")
    assert ran.status == TRY_LATER
    assert ran.complaint.startswith("Error: No Mnemos answers at http://127.0.0.1:9.")


async def test_a_command_that_is_unknown_is_a_mistake_of_use(tmp_path: Path) -> None:
    assert (await mnemos(tmp_path, "remembr")).status == 2


async def test_asking_a_server_loads_nothing_of_the_server() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from mnemos.cli import main;"
        "CliRunner().invoke(main, ['recall', 'x'], env={'MNEMOS_URL': 'http://127.0.0.1:9'});"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await running.communicate()
    loaded = set(said.decode().split())
    assert {"mnemos", "httpx"} <= loaded
    assert not loaded & HEAVY


async def test_the_schema_is_printed(tmp_path: Path) -> None:
    ran = await mnemos(tmp_path, "schema")
    assert "type Mutation" in ran.said
    written = await mnemos(tmp_path, "schema", "--output", str(tmp_path / "schema.graphql"))
    assert written.said == ""
    assert (tmp_path / "schema.graphql").read_text() == ran.said


async def test_the_server_that_holds_the_folder_is_found(tmp_path: Path) -> None:
    assert server_address(tmp_path) is None
    async with mnemos_serve(tmp_path) as server:
        assert server_address(tmp_path) == f"http://{server.address}"
    assert server_address(tmp_path) is None


async def test_a_server_that_starts_is_waited_for(tmp_path: Path) -> None:
    with held(tmp_path) as note:
        looking = asyncio.create_task(asyncio.to_thread(server_address, tmp_path))
        await asyncio.sleep(0.2)
        assert not looking.done()
        note("http://127.0.0.1:1")
        assert await looking == "http://127.0.0.1:1"
