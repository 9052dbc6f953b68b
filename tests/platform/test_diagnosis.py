from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from mnemos.diagnosis import Finding, State, examine
from mnemos.folder import held
from mnemos.settings import Settings
from tests.platform.cli.running import mnemos
from tests.process import mnemos_serve


def findings(folder: Path, port: int = 0) -> dict[str, Finding]:
    return {each.what: each for each in examine(Settings(data=folder, port=port))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


def test_a_new_machine_is_well(folder: Path) -> None:
    assert {each.state for each in findings(folder / "new").values()} == {State.WELL}
    assert not (folder / "new").exists()


def test_a_folder_that_others_can_look_into_is_told(folder: Path) -> None:
    folder.chmod(0o755)
    found = findings(folder)["data folder"]
    assert found.state is State.ODD
    assert f"chmod 700 {folder}" in found.told


def test_a_file_where_the_folder_should_be_is_wrong(folder: Path) -> None:
    (folder / "file").write_text("")
    assert findings(folder / "file")["data folder"].state is State.BAD


def test_a_database_that_is_damaged_is_told(folder: Path) -> None:
    (folder / "mnemos.db").write_bytes(b"not a database" * 500)
    found = findings(folder)["database"]
    assert found.state is State.BAD
    assert "mnemos.db is damaged" in found.told


def test_a_port_that_is_taken_is_told(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        found = findings(folder, taken.getsockname()[1])["server"]
    assert found.state is State.BAD
    assert "MNEMOS_PORT" in found.told


def test_a_folder_that_a_command_holds_is_told(folder: Path) -> None:
    with held(folder):
        assert findings(folder)["server"].state is State.ODD


def test_a_server_that_does_not_answer_is_wrong(folder: Path) -> None:
    with held(folder) as note:
        note("http://127.0.0.1:9")
        found = findings(folder)["server"]
    assert found.state is State.BAD
    assert "http://127.0.0.1:9 does not answer" in found.told


async def test_a_server_that_runs_is_asked_how_it_is(folder: Path) -> None:
    async with mnemos_serve(folder) as server:
        found = (await asyncio.to_thread(findings, folder))["server"]
    assert found.state is State.WELL
    assert f"http://{server.address} runs" in found.told


async def test_the_doctor_says_line_by_line_what_is_wrong(folder: Path) -> None:
    ran = await mnemos(folder, "doctor", MNEMOS_PROT="1")
    assert ran.status == 1
    assert ran.said.startswith("WRONG  settings: MNEMOS_PROT is not a setting; did you mean")
