from __future__ import annotations

from pathlib import Path

import pytest
from neo4j import AsyncGraphDatabase

from tests.servers.neo4j import PASSWORD, Neo4jServer, neo4j_server

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]


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
