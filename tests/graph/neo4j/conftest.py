from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

import pytest

from mnemos_graph.neo4j import open_neo4j
from mnemos_graph.neo4j.address import Address
from mnemos_graph.neo4j.bolt import Bolt
from tests.conformance.commits import written
from tests.conformance.samples import ACME, BOB, EVERYONE, GLOBEX, entity, fact, memory
from tests.servers.neo4j import Neo4jServer, emptied

_MANY, _FEW = 150, 5


@pytest.fixture(scope="module")
def filled(shared_neo4j: Neo4jServer) -> str:
    """A database with a large and a small organization, of which the planner has its figures."""
    url = asyncio.run(emptied(shared_neo4j))
    asyncio.run(fill(url))
    return url


async def fill(url: str) -> None:
    async with open_neo4j(url) as store:
        for access, count in ((GLOBEX, _MANY), (ACME, _FEW)):
            people = [entity(f"person {n}", scope=BOB) for n in range(count)]
            told = [memory(f"tea {n}", tags=["x"], scope=EVERYONE) for n in range(count)]
            told += [memory(f"milk {n}") for n in range(count)]
            facts = [fact(a, "knows", b) for a, b in pairwise(people)]
            await written(store, *people, *told, access=access)
            await written(store, *facts, access=access)
            changed = [replace(each, version=2) for each in (*people, *told, *facts)]
            await written(store, *changed, access=access)
    await counted(url)


async def counted(url: str) -> None:
    """Let the planner have its figures of what there is now."""
    bolt = Bolt(Address.of(url))
    await bolt.write("CALL db.prepareForReplanning()", {})
    await bolt.close()


@pytest.fixture
async def bolt(filled: str) -> AsyncIterator[Bolt]:
    bolt = Bolt(Address.of(filled))
    yield bolt
    await bolt.close()
