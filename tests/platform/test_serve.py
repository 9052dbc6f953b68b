from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from mnemos.program import open_program
from mnemos.settings import Settings
from tests.process import Process, mnemos_serve
from tests.serving import Client, client_of

pytestmark = pytest.mark.timeout(180)

SERVE = (sys.executable, "-m", "mnemos", "serve", "--port", "0")


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    return tmp_path


async def ask(process: Process, query: str) -> Any:
    async with httpx.AsyncClient(base_url=f"http://{process.address}") as http:
        return await Client(process.address, http).ask(query)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_what_was_written_is_there_after_a_restart(
    tmp_path: Path, how: signal.Signals
) -> None:
    async with mnemos_serve(tmp_path) as first:
        await ask(first, 'mutation { createMemory(input: {text: "kept", scope: {}}) { position } }')
        assert await first.end(how) in {0, -how}
    async with mnemos_serve(tmp_path) as second:
        answer = await ask(second, "{ changes { changes { subject { ... on Memory { text } } } } }")
    assert answer["changes"]["changes"] == [{"subject": {"text": "kept"}}]


async def refusal(*arguments: str, **environ: str) -> str:
    """Return what `mnemos serve` says when it refuses to start, in its one line."""
    refused = await asyncio.create_subprocess_exec(
        *SERVE, *arguments, env=os.environ | environ, stderr=asyncio.subprocess.PIPE
    )
    _, said = await refused.communicate()
    assert refused.returncode not in {0, None}
    (line,) = said.decode().splitlines()
    return line


async def test_the_data_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "data"
    async with mnemos_serve(folder):
        assert folder.stat().st_mode & 0o777 == 0o700


async def test_what_is_in_a_folder_that_others_may_read_is_for_its_owner_only(
    open_folder: Path,
) -> None:
    async with mnemos_serve(open_folder) as process:
        await ask(process, 'mutation { createMemory(input: {text: "x", scope: {}}) { position } }')
        with os.scandir(open_folder) as found:
            modes = {each.name: each.stat().st_mode & 0o077 for each in found}
    assert "mnemos.db" in modes
    assert set(modes.values()) == {0}


async def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with mnemos_serve(tmp_path) as first:
        said = await refusal(MNEMOS_DATA=str(tmp_path))
    assert f"held by the Mnemos server at http://{first.address}" in said


async def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be used" in await refusal(MNEMOS_DATA=str(tmp_path / "file" / "data"))


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = await refusal("--port", str(port), MNEMOS_DATA=str(tmp_path))
    assert f"Port {port} cannot be listened on" in said


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
async def test_without_a_key_nobody_else_is_let_in(tmp_path: Path, host: str) -> None:
    said = await refusal("--host", host, MNEMOS_DATA=str(tmp_path))
    assert f"MNEMOS_HOST is {host}" in said
    assert "`mnemos keys create`" in said


async def test_a_setting_that_does_not_exist_stops_the_start(tmp_path: Path) -> None:
    said = await refusal(MNEMOS_DATA=str(tmp_path), MNEMOS_STOER="sqlite:")
    assert "MNEMOS_STOER is not a setting; did you mean MNEMOS_STORE?" in said


async def test_workers_that_would_each_need_the_folder_are_refused(tmp_path: Path) -> None:
    said = await refusal("--workers", "2", MNEMOS_DATA=str(tmp_path))
    assert "MNEMOS_WORKERS is 2, and only one process may own MNEMOS_STORE sqlite:" in said


async def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "mnemos.db").write_bytes(b"no database, and long enough to be looked at" * 100)
    assert "is no database of Mnemos" in await refusal(MNEMOS_DATA=str(tmp_path))


async def test_a_model_that_cannot_be_had_is_said_and_missed_by_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = "mnemos_graph.language.network.find_spec"
    monkeypatch.setattr(missing, lambda _: None, raising=True)
    async with open_program(Settings(data=tmp_path)) as program, client_of(program) as client:
        health = (await client.http.get("/health")).json()
        assert health["status"] == "degraded"
        assert health["checks"] == {"store": "healthy", "embedder": "degraded"}
        assert (await client.http.get("/health/ready")).is_success
        await client.ask('mutation { createMemory(input: {text: "x", scope: {}}) { position } }')
