"""What is planned once, maybe while there is nothing yet, has a plan that stays good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from mnemos_graph.model import Memory, Position, Record, RecordId
from mnemos_graph.neo4j import getting, open_neo4j
from mnemos_graph.neo4j.address import Address
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.finding import Statement
from mnemos_graph.neo4j.names import PLANNED_ONCE
from tests.conformance.samples import ACME
from tests.graph.neo4j.conftest import counted
from tests.graph.neo4j.plans import enters_by_an_index, operators
from tests.graph.neo4j.test_plans import NARROW
from tests.graph.neo4j.test_write_plans import PAGES, STATEMENTS
from tests.servers.neo4j import Neo4jServer, emptied

pytestmark = pytest.mark.server

ID = [RecordId("x")]
ONCE = {name: each for name, each in STATEMENTS.items() if each.startswith(PLANNED_ONCE)}
PAGES_ONCE = {name: each for name, each in PAGES.items() if each.startswith(PLANNED_ONCE)}


@pytest.fixture(scope="module")
def empty(shared_neo4j: Neo4jServer) -> str:
    """A database without a record, of which the planner has its figures."""
    return asyncio.run(_empty(shared_neo4j))


async def _empty(server: Neo4jServer) -> str:
    url = await emptied(server)
    async with open_neo4j(url):
        await counted(url)
    return url


@pytest.fixture
async def bolt(empty: str) -> AsyncIterator[Bolt]:
    bolt = Bolt(Address.of(empty))
    yield bolt
    await bolt.close()


@pytest.mark.parametrize("name", ONCE)
async def test_a_statement_enters_by_an_index(bolt: Bolt, name: str) -> None:
    await enters_by_an_index(bolt, Statement(ONCE[name], {}))


@pytest.mark.parametrize("name", PAGES_ONCE)
async def test_a_page_is_read_no_further_than_it_goes(bolt: Bolt, name: str) -> None:
    asked = Statement(PAGES_ONCE[name], {})
    await enters_by_an_index(bolt, asked)
    assert "Limit" in dict(await operators(bolt, asked))


async def test_reads_by_id_enter_by_an_index(bolt: Bolt) -> None:
    await enters_by_an_index(bolt, getting.statement(NARROW, Memory, ID, None))
    await enters_by_an_index(bolt, getting.statement(ACME, Record, ID, Position(5)))
