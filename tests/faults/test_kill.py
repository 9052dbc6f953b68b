"""kill -9 in the middle of writing: nothing acknowledged is lost, nothing is half there."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.aftermath import Acknowledged, damage

ROOT = Path(__file__).parents[2]
KILLS = 20
LONGEST = 0.5
"""Seconds of writing before a kill."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


def killed(folder: Path, seconds: float, bug: str = "none") -> list[Acknowledged]:
    """Let a process write, kill it, and return what it had acknowledged."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.writing", str(folder), bug],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        process.kill()
        lines = first + process.stdout.read()
    assert lines, "it ended before it wrote anything"
    whole = lines[: lines.rindex(b"\n")].decode().splitlines()
    return [Acknowledged(id_, int(a), int(b)) for id_, a, b in map(str.split, whole)]


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 - to repeat a failure
    chance, acknowledged = random.Random(seed), list[Acknowledged]()
    for _ in range(KILLS):
        acknowledged += killed(tmp_path, chance.uniform(0, LONGEST))
        assert damage(tmp_path, acknowledged) == []
    assert len(acknowledged) > KILLS


@pytest.mark.parametrize(
    ("bug", "found"),
    [
        ("answers before COMMIT", "lost"),
        ("numbers before checking", "holes"),
        ("forgets the log", "kept but not told"),
    ],
)
def test_a_planted_bug_is_found(tmp_path: Path, bug: str, found: str) -> None:
    acknowledged = killed(tmp_path, 0.3, bug)
    assert any(each.startswith(found) for each in damage(tmp_path, acknowledged))
