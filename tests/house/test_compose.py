"""What `docker-compose.yml` promises: nothing open, nothing endless, no password of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SECRETS = {"NEO4J_PASSWORD": "a-secret", "REDIS_PASSWORD": "another"}


def services() -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from yaml.safe_load(COMPOSE.read_text())["services"].items()


def understood(folder: Path, secrets: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Have the file read by an implementation of the compose specification."""
    command = shutil.which("docker-compose")
    if command is None:
        pytest.skip("needs docker-compose: apt-get install --no-install-recommends docker-compose")
    environment = folder / "env"
    environment.write_text("".join(f"{name}={value}\n" for name, value in secrets.items()))
    return subprocess.run(
        [command, "--env-file", environment, "-f", COMPOSE, "config", "--quiet"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.server
def test_the_file_follows_the_compose_specification(tmp_path: Path) -> None:
    answer = understood(tmp_path, SECRETS)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.server
@pytest.mark.parametrize("missing", SECRETS)
def test_without_a_password_of_ones_own_nothing_starts(missing: str, tmp_path: Path) -> None:
    given = {name: value for name, value in SECRETS.items() if name != missing}
    answer = understood(tmp_path, given)
    assert answer.returncode != 0
    assert "set it in .env" in answer.stderr


def test_the_example_of_the_environment_names_every_password_and_gives_none() -> None:
    lines = (ROOT / "ops" / "compose" / "env.example").read_text().splitlines()
    for name in SECRETS:
        assert f"{name}=" in lines


@pytest.mark.parametrize(("name", "service"), list(services()))
def test_every_container_is_bounded_and_may_do_little(
    name: str, service: Mapping[str, Any]
) -> None:
    assert service["read_only"] is True
    assert service["user"] not in {"root", "0", "0:0"}
    assert service["cap_drop"] == ["ALL"]
    assert service["restart"] == "unless-stopped"
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["healthcheck"]["test"]
    assert service["networks"] == ["mnemos"]


def test_only_the_server_is_reached_from_outside() -> None:
    assert [name for name, service in services() if "ports" in service] == ["app"]
