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

from tests.process import Process, mnemos_serve
from tests.serving import Client

SERVE = (sys.executable, "-m", "mnemos", "serve", "--port", "0")


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


async def test_the_data_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "data"
    async with mnemos_serve(folder):
        assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with mnemos_serve(tmp_path) as first:
        second = await asyncio.create_subprocess_exec(
            *SERVE,
            env=os.environ | {"MNEMOS_DATA": str(tmp_path)},
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await second.communicate()
    assert second.returncode == 1
    assert f"held by the Mnemos server at http://{first.address}" in said.decode()
    assert "Traceback" not in said.decode()


async def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = await asyncio.create_subprocess_exec(
        *SERVE,
        env=os.environ | {"MNEMOS_DATA": str(tmp_path / "file" / "data")},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await refused.communicate()
    assert refused.returncode == 1
    assert "cannot be used" in said.decode()


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = await asyncio.create_subprocess_exec(
            *(*SERVE[:-1], str(port)),
            env=os.environ | {"MNEMOS_DATA": str(tmp_path)},
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await refused.communicate()
    assert refused.returncode == 1
    assert f"Port {port} cannot be listened on" in said.decode()
