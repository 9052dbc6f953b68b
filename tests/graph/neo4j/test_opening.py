"""What a start finds out about a database, and how it brings it up to date."""

from __future__ import annotations

import asyncio
import traceback

import pytest

from mnemos_graph.errors import BadInput, Unavailable
from mnemos_graph.neo4j import migrations, open_neo4j
from mnemos_graph.neo4j.address import Address
from mnemos_graph.neo4j.bolt import Bolt
from tests.servers.neo4j import PASSWORD, Neo4jServer
from tests.servers.owned import free_port

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


async def refusal(url: str) -> Exception:
    with pytest.raises((BadInput, Unavailable)) as refused:
        async with open_neo4j(url):
            pass
    return refused.value


def says_one_line_without(secret: str, refused: Exception) -> bool:
    told = "".join(traceback.format_exception(refused))
    return "\n" not in str(refused) and secret not in told + repr(refused)


async def test_a_wrong_password_is_one_line_without_it(shared_neo4j: Neo4jServer) -> None:
    secret = PASSWORD + "-but-wrong"
    refused = await refusal(shared_neo4j.url.replace(PASSWORD, secret))
    assert isinstance(refused, BadInput)
    assert "password" in str(refused)
    assert says_one_line_without(secret, refused)


async def test_nobody_at_the_address_is_one_line_without_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mnemos_graph.neo4j.bolt.ANSWERS_WITHIN_SECONDS", 0.5)
    refused = await refusal(f"bolt://neo4j:{PASSWORD}@127.0.0.1:{free_port()}")
    assert isinstance(refused, Unavailable)
    assert says_one_line_without(PASSWORD, refused)


async def test_a_database_that_is_not_there_is_named(shared_neo4j: Neo4jServer) -> None:
    refused = await refusal(f"{shared_neo4j.url}/nowhere")
    assert isinstance(refused, BadInput)
    assert "no such database" in str(refused)


async def test_a_database_of_a_newer_program_is_left_alone(
    shared_neo4j: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, ()))
        async with open_neo4j(shared_neo4j.url):
            pass
    try:
        refused = await refusal(shared_neo4j.url)
        assert isinstance(refused, BadInput)
        assert "Start a newer Mnemos" in str(refused)
    finally:
        await asked(shared_neo4j, "MATCH (s:Schema) SET s.version = $known")


async def test_programs_that_start_together_migrate_once(
    shared_neo4j: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start() -> None:
        async with open_neo4j(shared_neo4j.url):
            pass

    await start()
    known = len(migrations.MIGRATIONS)
    stepped = (*migrations.MIGRATIONS, ("CREATE (:Stepped)",))
    monkeypatch.setattr(migrations, "MIGRATIONS", stepped)
    try:
        await asyncio.gather(*(start() for _ in range(4)))
        found = "MATCH (s:Schema) OPTIONAL MATCH (t:Stepped) RETURN s.version, count(t)"
        assert await asked(shared_neo4j, found) == [[known + 1, 1]]
    finally:
        monkeypatch.undo()
        await asked(shared_neo4j, "MATCH (s:Schema) SET s.version = $known")
        await asked(shared_neo4j, "MATCH (t:Stepped) DELETE t")


async def asked(server: Neo4jServer, statement: str) -> list[list[object]]:
    bolt = Bolt(Address.of(server.url))
    try:
        return await bolt.write(statement, {"known": len(migrations.MIGRATIONS)})
    finally:
        await bolt.close()
