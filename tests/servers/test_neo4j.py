from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from neo4j import AsyncGraphDatabase

from tests.servers.neo4j import PASSWORD, Neo4jServer, neo4j_server

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]

STARTS_ONE_AND_DIES = """
import os, sys
from pathlib import Path
from tests.servers.neo4j import Neo4jServer, jars
print(Neo4jServer(Path(sys.argv[1]), jars()).pid, flush=True)
os._exit(9)
"""


async def asked(server: Neo4jServer, statement: str) -> list[object]:
    address = f"bolt://127.0.0.1:{server.port}"
    async with AsyncGraphDatabase.driver(address, auth=("neo4j", PASSWORD)) as driver:
        records, *_ = await driver.execute_query(statement)
        return [record[0] for record in records]


async def test_it_comes_back_on_its_port_with_what_it_had(tmp_path: Path) -> None:
    async with neo4j_server(tmp_path) as server:
        await asked(server, "CREATE (w:Word {text: 'kept'}) RETURN w.text")
        port = server.port
        server.restart()
        assert server.port == port
        assert await asked(server, "MATCH (w:Word) RETURN w.text") == ["kept"]


def test_it_does_not_outlive_a_test_that_dies(tmp_path: Path) -> None:
    run = (sys.executable, "-c", STARTS_ONE_AND_DIES, str(tmp_path))
    pid = subprocess.run(run, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    assert pid
    stopped = Path(f"/proc/{pid}/stat")
    while stopped.exists() and ") Z " not in stopped.read_text():
        time.sleep(0.01)
