"""kill -9 while somebody listens: nobody ever heard of what is not there."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


def heard(folder: Path, seconds: float, bug: str = "none") -> list[tuple[int, str]]:
    """Let a process write and listen, kill it, and return what its listener had heard of."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.telling", str(folder), bug],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        process.kill()
        lines = first + process.stdout.read()
    assert lines, "it ended before it heard anything"
    whole = lines[: lines.rindex(b"\n")].decode().splitlines()
    return [(int(position), id_) for position, id_ in map(str.split, whole)]


def not_there(folder: Path, told: list[tuple[int, str]]) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(folder / "mnemos.db")) as database:
        kept = set(database.execute("SELECT position, id FROM change_log"))
    return [each for each in told if each not in kept]


def test_a_listener_hears_of_nothing_that_a_kill_can_take_back(tmp_path: Path) -> None:
    positions: list[int] = []
    for seconds in (0.0, 0.1, 0.3, 0.5):
        told = heard(tmp_path, seconds)
        assert not_there(tmp_path, told) == []
        positions += [position for position, _ in told]
    assert positions == sorted(set(positions)), "out of order, or twice"


def test_telling_before_the_commit_is_found(tmp_path: Path) -> None:
    assert not_there(tmp_path, heard(tmp_path, 0.3, "tells before COMMIT"))
