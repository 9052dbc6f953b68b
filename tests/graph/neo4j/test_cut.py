"""The way to Neo4j breaks while many write: what was acknowledged is there, and nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from neo4j import AsyncTransaction
from neo4j.exceptions import ServiceUnavailable

from mnemos_graph.committing import Wanted
from mnemos_graph.errors import Unavailable
from mnemos_graph.model import Memory, Position, RecordId
from mnemos_graph.neo4j import Neo4jStore, open_neo4j
from mnemos_graph.neo4j.address import Address
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.group import commit
from mnemos_graph.store import ChangeSet, Committed, Put
from tests.conformance.commits import written
from tests.conformance.samples import ACME, memory
from tests.servers.neo4j import PASSWORD, Neo4jServer, emptied
from tests.servers.relay import Relay, relay

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture
async def way(shared_neo4j: Neo4jServer) -> AsyncIterator[Relay]:
    await emptied(shared_neo4j)
    async with relay("127.0.0.1", shared_neo4j.port) as way:
        yield way


@pytest.fixture
async def store(way: Relay) -> AsyncIterator[Neo4jStore]:
    host, port = way.address
    async with open_neo4j(f"bolt://neo4j:{PASSWORD}@{host}:{port}") as store:
        yield store


class LosesOneAnswer(Bolt):
    """Breaks off right after the first commit, before its answer is heard."""

    lost = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncTransaction]:
        async with super().transaction() as transaction:
            yield transaction
        if not self.lost:
            self.lost = True
            raise ServiceUnavailable


async def test_a_commit_whose_answer_was_lost_is_looked_up(
    shared_neo4j: Neo4jServer, store: Neo4jStore
) -> None:
    bolt = LosesOneAnswer(Address.of(shared_neo4j.url))
    wanted = Wanted.of(ACME, ChangeSet((Put(memory()),)))
    answers = await commit(bolt, ACME.organization, [wanted])
    await bolt.close()
    assert bolt.lost
    assert answers == [Committed(Position(1), Position(1))]
    assert len(await store.changes(ACME)) == 1


async def test_what_was_acknowledged_before_a_cut_is_there_once(
    way: Relay, store: Neo4jStore
) -> None:
    acknowledged = list[RecordId]()

    async def write() -> None:
        for _ in range(10):
            kept = memory()
            with suppress(Unavailable):
                await written(store, kept)
                acknowledged.append(kept.id)

    async def cut() -> None:
        for _ in range(15):
            await asyncio.sleep(0.1)
            way.cut()

    await asyncio.gather(cut(), *(write() for _ in range(8)))
    log = await store.changes(ACME, limit=1_000)
    assert [each.position for each in log] == list(range(1, len(log) + 1))
    assert len({each.subject_id for each in log}) == len(log)
    assert set(acknowledged) <= {each.subject_id for each in log}
    assert await store.get(ACME, Memory, acknowledged)


async def test_a_caller_who_gives_up_leaves_all_or_nothing(store: Neo4jStore) -> None:
    pairs = [(memory(), memory()) for _ in range(12)]
    writes = [asyncio.create_task(written(store, *pair)) for pair in pairs]
    await asyncio.sleep(0.01)
    for each in writes[::2]:
        each.cancel()
    await asyncio.gather(*writes, return_exceptions=True)
    for number, pair in enumerate(pairs):
        found = await store.get(ACME, Memory, [each.id for each in pair])
        assert len(found) in ((0, 2) if number % 2 == 0 else (2,))
