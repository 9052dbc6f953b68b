"""What `docker-compose.yml` starts, as plain processes of this machine instead of containers.

Commands and environment are read from the file itself. Only what a container would have of its own
is put in place: host names, ports and folders.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.servers.owned import Owned, free_port

log = logging.getLogger(__name__)

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"

_STARTS_WITHIN_SECONDS = 90
_ASKED = re.compile(r"\$\{(\w+)(?::[?-]([^}]*))?\}")


def services() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


@dataclass(slots=True)
class Composed:
    """The services of the file, on this machine."""

    folder: Path
    secrets: Mapping[str, str]
    ports: dict[str, int] = field(default_factory=dict)
    """Where each service listens; those that run already are given."""

    def start(self, name: str) -> Owned:
        """Start a service by the file's command, with the file's environment alone."""
        service = services()[name]
        inside = _port(service)
        port = self.ports.setdefault(name, free_port())
        command = [self._here(name, str(each), inside) for each in service["command"]]
        if name == "redis":
            command[-1] = command[-1].replace("redis-server -", f"redis-server - --port {port}")
        environment = self.environment(name) | {"PATH": _path()}
        return Owned(
            ["env", "-i", *(f"{key}={value}" for key, value in environment.items()), *command],
            port=port,
            log=self.folder / f"{name}.log",
        )

    async def comes_up(self, name: str) -> None:
        """Wait until the file's own health check says that it is well."""
        async with asyncio.timeout(_STARTS_WITHIN_SECONDS):
            while illness := await self.illness(name):
                log.info("%s: %s", name, illness)
                await asyncio.sleep(0.5)

    def environment(self, name: str) -> dict[str, str]:
        service = services()[name]
        inside = _port(service)
        return {
            key: self._here(name, self._filled(str(value)), inside)
            for key, value in service["environment"].items()
        }

    async def run(self, name: str, *command: str) -> str:
        """Do what `docker compose run --rm` would, and return what it says."""
        environment = self.environment(name) | {"PATH": _path()}
        ran = await asyncio.to_thread(
            subprocess.run, command, env=environment, check=True, capture_output=True, text=True
        )
        return ran.stdout.strip()

    async def illness(self, name: str) -> str | None:
        """Ask as the file has its health check ask; return what it complains of."""
        how, *test = services()[name]["healthcheck"]["test"]
        test = [self._here(name, each, _port(services()[name])) for each in test]
        command = test if how == "CMD" else ["sh", "-c", *test]
        if command[0] == "sh" and "redis-cli" in command[-1]:
            command[-1] = command[-1].replace("redis-cli", f"redis-cli -p {self.ports[name]}")
        environment = self.environment(name) | {"PATH": _path()}
        ran = await asyncio.to_thread(
            subprocess.run, command, env=environment, check=False, capture_output=True, text=True
        )
        return None if ran.returncode == 0 else f"{ran.stdout}{ran.stderr}"

    def _filled(self, value: str) -> str:
        return _ASKED.sub(lambda asked: self.secrets.get(asked[1], asked[2] or ""), value)

    def _here(self, name: str, value: str, inside: str) -> str:
        """Put what this machine has in place of what a container would have."""
        for host, port in self.ports.items():
            value = re.sub(rf"\b{host}:\d+", f"127.0.0.1:{port}", value)
        own = self.folder / name
        own.mkdir(exist_ok=True)
        value = value.replace("$$", "$").replace("/tmp/mnemos", str(own))
        value = re.sub(r"(^|\s)/data\b", rf"\g<1>{own}", value)
        if inside and name in self.ports:
            value = re.sub(
                rf"^{inside}$|(?<=127\.0\.0\.1:){inside}\b", str(self.ports[name]), value
            )
        return value


def _port(service: Mapping[str, Any]) -> str:
    """Return the port that a service of ours listens on within its container."""
    words = [*map(str, service["command"]), *map(str, service["environment"].values())]
    return next((word for word in words if word in {"8000", "8080"}), "")


def _path() -> str:
    """Return a PATH on which the tests' own programs come first."""
    first = (Path(sys.executable).parent, Path(shutil.which("redis-server") or "/usr/bin").parent)
    return os.pathsep.join([*map(str, first), os.environ["PATH"]])
