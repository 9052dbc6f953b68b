"""The pages name only settings, commands, options, targets and services that there are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import pairwise

import click
import pytest
import yaml

from mnemos.cli import main
from mnemos.settings import ELSEWHERE, PREFIX, Settings
from tests.docs.examples import ROOT, spoken

PAGES = (
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/api.md",
    "docs/running.md",
    "docs/operations.md",
    "ops/compose/env.example",
)
COMPOSED = {"MNEMOS_PUBLISH"}
"""Names that `docker-compose.yml` alone reads."""
ENDS = {"&&", "|", ";", "→"}
"""Where one command of a line ends."""


def commands(page: str, program: str) -> Iterator[Sequence[str]]:
    """Yield the arguments of each command of ``program`` that a page shows."""
    for line in spoken(page):
        words = shlex.split(line, comments=True)
        for n, word in enumerate(words):
            if word.rpartition("/")[2] == program and (n == 0 or program == "mnemos"):
                rest = words[n + 1 :]
                yield rest[: next((m for m, each in enumerate(rest) if each in ENDS), len(rest))]


def unknown(arguments: Sequence[str]) -> list[str]:
    """Return what `mnemos` does not know of the arguments."""
    command: click.Command = main
    context = click.Context(main)
    for n, word in enumerate(arguments):
        if not isinstance(command, click.Group) or word.startswith("-"):
            break
        found = command.get_command(context, word)
        if found is None:
            return [word]
        command, left = found, arguments[n + 1 :]
    else:
        left = []
    known = {"--help", *(name for each in command.params for name in each.opts)}
    return [each for each in left if each.startswith("--") and each.partition("=")[0] not in known]


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_on_a_page_is_one(page: str) -> None:
    known = {PREFIX + name.upper() for name, _, _ in Settings.describe()} | {*ELSEWHERE} | COMPOSED
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", (ROOT / page).read_text()))
    assert named - known == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_is_one_with_the_options_that_it_takes(page: str) -> None:
    assert [wrong for each in commands(page, "mnemos") for wrong in unknown(each)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_target_of_make_on_a_page_is_one(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {each[0] for each in commands(page, "make") if each}
    assert named - targets == set()


def services(words: Sequence[str]) -> set[str]:
    """Return the services that `docker compose` is told to start, or to run a command in."""
    verb, *rest = words
    if verb == "up":
        return {word.partition("=")[0] for word in rest if not word.startswith("-")}
    return {word for word, following in pairwise(rest) if following in {"mnemos", "sh"}}


def test_the_way_to_docker_compose_names_services_of_its_file() -> None:
    file = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    shown = [services(words) for _, *words in commands("docs/operations.md", "docker")]
    assert {"neo4j", "chroma", "redis"} in shown
    assert set().union(*shown) <= {*file["services"]}


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["serve", "--workers", "4"], []),
        (["serve", "--worker", "4"], ["--worker"]),
        (["moves"], ["moves"]),
        (["jobs", "list", "--state", "failed", "--organization"], ["--organization"]),
        (["jobs", "again"], ["again"]),
    ],
)
def test_what_is_not_there_is_found(arguments: list[str], wrong: list[str]) -> None:
    assert unknown(arguments) == wrong
