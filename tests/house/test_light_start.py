"""A laptop loads what it uses: nothing of a team's servers when it serves."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.timeout(60)

HEAVY = {"neo4j", "redis", "gunicorn", "chromadb", "anthropic", "jsonschema_rs"}
"""Chroma in the process is loaded when an organization has outgrown the exact scan."""
OURS = {
    "mnemos_graph.neo4j",
    "mnemos_graph.redis",
    "mnemos_graph.vectors.chroma_server",
    "mnemos_graph.language.models",
    "mnemos_graph.language.hosted",
}
SERVES = """
import atexit, sys
from mnemos.cli import main
atexit.register(lambda: print(*sys.modules, flush=True))
main(["serve", "--port", "0"])
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every module that `mnemos serve` has loaded by the time that it has served."""
    folder = tmp_path_factory.mktemp("served")
    environment = os.environ | {"MNEMOS_DATA": str(folder)}
    serving = (sys.executable, "-c", SERVES)
    with subprocess.Popen(serving, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert "http://" in running.stdout.readline()
        running.terminate()
        *_, modules = running.stdout.read().splitlines()
    return set(modules.split())


def test_what_answers_is_loaded_and_nothing_of_a_team(loaded: set[str]) -> None:
    assert loaded >= {"strawberry", "mnemos.serving", "mnemos_graph.sqlite.store"}
    assert loaded & (HEAVY | OURS) == set()
