"""What `docker-compose.yml` starts works together, and its servers know every setting it gives."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from neo4j import AsyncGraphDatabase

from mnemos.client import AsyncClient
from mnemos.client.inputs import Telling
from tests.program.composed import Composed, services
from tests.servers.neo4j import DEV, PASSWORD, Neo4jServer, emptied
from tests.servers.owned import Owned, program
from tests.servers.redis import GETS_IT

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture
async def composed(tmp_path: Path, shared_neo4j: Neo4jServer) -> AsyncIterator[Composed]:
    program("redis-server", GETS_IT)
    await emptied(shared_neo4j)
    secrets = {"NEO4J_PASSWORD": PASSWORD, "REDIS_PASSWORD": "only-for-this-test"}
    made = Composed(tmp_path, secrets, {"neo4j": shared_neo4j.port})
    async with contextlib.AsyncExitStack() as stack:
        for name in ("redis", "chroma"):
            server = await asyncio.to_thread(made.start, name)
            stack.callback(_stop, server, name)
            await made.comes_up(name)
        yield made


def _stop(server: Owned, name: str) -> None:
    """Stop a service as `docker compose stop` does, by a word to the process that it began as."""
    server.end(signal.SIGTERM)
    assert not server.listens(), f"{name} runs on after it was told to stop"


async def test_server_worker_and_redis_work_together_as_the_file_starts_them(
    composed: Composed,
) -> None:
    created = await composed.run(
        "app", *("mnemos", "keys", "create", "--org", "acme", "--role", "admin")
    )
    key = created.splitlines()[0]
    app = await asyncio.to_thread(composed.start, "app")
    worker = await asyncio.to_thread(composed.start, "worker")
    try:
        for name in ("app", "worker"):
            await composed.comes_up(name)
        url = f"http://127.0.0.1:{composed.ports['app']}"
        async with AsyncClient(url, api_key=key, timeout=60) as client:
            tellings = [Telling(text=f"Ada has seen city number {n}.") for n in range(5)]
            job = (await client.remember_many(tellings)).job
            async for state in client.live_job(job.id):
                if state.ended:
                    break
            assert (state.state, state.done) == ("SUCCEEDED", 5)
            assert (await client.recall("Which cities has Ada seen?")).hits
    finally:
        for each in (worker, app):
            await asyncio.to_thread(each.end)


async def test_neo4j_knows_every_setting_that_the_file_gives_it(shared_neo4j: Neo4jServer) -> None:
    given = {
        name.removeprefix("NEO4J_").replace("__", "\0").replace("_", ".").replace("\0", "_")
        for name in services()["neo4j"]["environment"]
        if name != "NEO4J_AUTH"
    }
    address = f"bolt://127.0.0.1:{shared_neo4j.port}"
    async with AsyncGraphDatabase.driver(address, auth=("neo4j", PASSWORD)) as driver:
        rows, _, _ = await driver.execute_query("SHOW SETTINGS YIELD name RETURN name")
    assert given
    assert given <= {row["name"] for row in rows}


def test_the_neo4j_that_is_tested_is_the_one_that_the_file_names() -> None:
    tested = re.search(
        r"<neo4j.version>(\d+\.\d+)|<version>(5\.\d+)", (DEV / "pom.xml").read_text()
    )
    assert tested is not None
    image, _, tag = services()["neo4j"]["image"].partition(":")
    assert image == "neo4j"
    assert tag == f"{tested[1] or tested[2]}-community"
