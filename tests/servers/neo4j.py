"""A real Neo4j for tests: on a free port, over a folder of its own, gone with the test."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from neo4j import AsyncGraphDatabase

from tests.servers.owned import started, until_left

ROOT = Path(__file__).parents[2]
DEV = ROOT / "ops" / "neo4j-dev"
PASSWORD = "mnemos-tests"
GETS_IT = "apt-get install default-jdk-headless maven"
_STARTS_WITHIN_SECONDS = 180

_LISTS_JARS = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath"
_JAVA = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # a short life: half the CPU until it has planned what tests ask
    "-Xmx512m",
    *(
        f"--add-opens=java.base/{part}=ALL-UNNAMED"
        for part in ("java.nio", "java.io", "sun.nio.ch")
    ),
)


class Neo4jServer:
    """One Neo4j process, which can be killed, stopped and started again on the same port."""

    def __init__(self, folder: Path, classpath: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._classpath = classpath
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"bolt://neo4j:{PASSWORD}@127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._running.pid

    def start(self) -> None:
        """Start it again after its end, with what it had on disk."""
        log = self._folder / "neo4j.log"
        with log.open("ab") as errors:
            command = ("java", *_JAVA, "-cp", self._classpath, str(DEV / "Server.java"))
            self._running = subprocess.Popen(
                (*command, str(self._folder), str(self.port), PASSWORD),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        assert self._running.stdout is not None
        too_late = threading.Timer(_STARTS_WITHIN_SECONDS, self._running.kill)
        too_late.start()
        try:
            for line in self._running.stdout:
                if line.startswith(b"port "):
                    self.port = int(line.split()[1])
                    return
        finally:
            too_late.cancel()
        raise AssertionError(log.read_text()[-2_000:])

    def end(self) -> None:
        """Kill it, as a power cut would. Ending twice does nothing."""
        self._running.kill()
        self._running.wait()
        for pipe in (self._running.stdin, self._running.stdout):
            if pipe:
                pipe.close()

    def restart(self) -> None:
        self.end()
        self.start()

    def stall(self) -> None:
        """Keep every connection, and answer nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


def jars() -> str:
    """Return the class path, which Maven fills once; skip the test where there is no Java."""
    for name in ("java", "mvn"):
        if shutil.which(name) is None:
            pytest.skip(f"There is no {name} here. Get it: {GETS_IT}")
    pom = DEV / "pom.xml"
    digest = hashlib.sha256(pom.read_bytes()).hexdigest()[:12]
    kept = ROOT / ".cache" / f"neo4j-jars-{digest}"
    kept.parent.mkdir(exist_ok=True)
    with kept.with_suffix(".lock").open("w") as turn:
        flock(turn, LOCK_EX)
        if not kept.exists():
            listed = ("mvn", "-q", "-B", "-f", pom, _LISTS_JARS, f"-Dmdep.outputFile={kept}")
            subprocess.run(listed, check=True)
    return kept.read_text().strip()


def neo4j_server(folder: Path) -> AbstractAsyncContextManager[Neo4jServer]:
    return started(lambda: Neo4jServer(folder, jars()))


async def emptied(server: Neo4jServer) -> str:
    """Remove every node but the schema's, and return the URL."""
    address = f"bolt://127.0.0.1:{server.port}"
    async with AsyncGraphDatabase.driver(address, auth=("neo4j", PASSWORD)) as driver:
        await driver.execute_query("MATCH (n) WHERE NOT n:Schema DETACH DELETE n")
    return server.url


@pytest.fixture(scope="session")
def shared_neo4j(tmp_path_factory: pytest.TempPathFactory) -> Generator[Neo4jServer, None, None]:
    """One server for the tests of a process; each uses an organization of its own or empties it."""
    with until_left(Neo4jServer(tmp_path_factory.mktemp("neo4j"), jars())) as server:
        yield server
