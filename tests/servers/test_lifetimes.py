"""No server outlives the test that started it, however that ends."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.neo4j import jars
from tests.servers.owned import program
from tests.servers.redis import GETS_IT

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]

STARTS_ONE_AND_DIES = """
import os, sys
from pathlib import Path
from tests.servers import chroma, neo4j, redis
folder = Path(sys.argv[1])
print({server}.pid, flush=True)
os._exit(9)
"""
SERVERS: dict[str, Callable[[], object]] = {
    "neo4j.Neo4jServer(folder, neo4j.jars())": jars,
    "redis.RedisServer(folder)": lambda: program("redis-server", GETS_IT),
    "chroma.ChromaProcess(folder)": lambda: None,
}
"""What starts each, and what skips the test where it is not to be had."""


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_does_not_outlive_a_test_that_dies(server: str, tmp_path: Path) -> None:
    SERVERS[server]()
    run = (sys.executable, "-c", STARTS_ONE_AND_DIES.format(server=server), str(tmp_path))
    pid = subprocess.run(run, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    assert pid
    stopped = Path(f"/proc/{pid}/stat")
    while stopped.exists() and ") Z " not in stopped.read_text():
        time.sleep(0.01)
