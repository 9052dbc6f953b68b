"""Neo4j stalls, goes away and comes back: callers are told in time, and nothing is restarted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence

import pytest

from mnemos_graph.errors import Unavailable
from mnemos_graph.model import Memory
from mnemos_graph.neo4j import Neo4jStore, bolt, open_neo4j
from mnemos_graph.store import Find
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
        await written(store, memory())
        yield store


async def outcomes(store: Neo4jStore, writers: int) -> Sequence[object]:
    """Ask for everything at once, and return each answer or error."""
    asked: list[Awaitable[object]] = [written(store, memory()) for _ in range(writers)]
    asked += [
        store.ping(),
        store.heads([ACME]),
        store.changes(ACME),
        store.find(ACME, [Find(Memory)]),
    ]
    return await asyncio.gather(*asked, return_exceptions=True)


async def all_fail(store: Neo4jStore) -> None:
    """Fail unless everybody is told that it does not answer, for which a second is enough here."""
    with pytest.MonkeyPatch.context() as sooner:
        sooner.setattr(bolt, "ANSWERS_WITHIN_SECONDS", 1.0)
        assert {type(each) for each in await outcomes(store, 8)} == {Unavailable}


async def is_as_before(store: Neo4jStore) -> None:
    """Fail unless all goes again, and what was told to have failed is in no half state."""
    assert not [each for each in await outcomes(store, 8) if isinstance(each, BaseException)]
    log = await store.changes(ACME, limit=1_000)
    assert [each.position for each in log] == list(range(1, len(log) + 1))
    assert len({each.subject_id for each in log}) == len(log)
    (page,) = await store.find(ACME, [Find(Memory, first=100)])
    assert {each.id for each in page.records} == {each.subject_id for each in log}


async def test_who_asks_while_it_stalls_is_told_in_time(way: Relay, store: Neo4jStore) -> None:
    way.hold()
    await all_fail(store)
    way.forward()
    await is_as_before(store)


async def test_who_asks_while_it_is_away_is_told_in_time(way: Relay, store: Neo4jStore) -> None:
    await way.refuse()
    await all_fail(store)
    await way.accept()
    await is_as_before(store)


async def test_it_may_go_away_and_come_back_again_and_again(way: Relay, store: Neo4jStore) -> None:
    for _ in range(3):
        way.cut()
        await is_as_before(store)


async def test_a_short_stall_is_waited_out(way: Relay, store: Neo4jStore) -> None:
    way.hold()
    asked = asyncio.create_task(outcomes(store, 4))
    await asyncio.sleep(0.05)
    way.forward()
    assert not [each for each in await asked if isinstance(each, BaseException)]
