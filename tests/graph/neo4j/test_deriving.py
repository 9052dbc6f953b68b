"""Bytes that several callers keep at the same moment are written together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from mnemos_graph.model import RecordId
from mnemos_graph.neo4j import Neo4jStore, open_neo4j
from mnemos_graph.neo4j.address import Address
from mnemos_graph.neo4j.bolt import Bolt, Parameters, Rows
from mnemos_graph.neo4j.deriving import Deriver
from mnemos_graph.store import DerivedRef
from tests.conformance.commits import written
from tests.conformance.samples import ACME, memory
from tests.servers.neo4j import Neo4jServer, emptied

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


class Counting(Bolt):
    writes = 0

    async def write(self, statement: str, parameters: Parameters) -> Rows:
        self.writes += 1
        return await super().write(statement, parameters)


@pytest.fixture
async def store(shared_neo4j: Neo4jServer) -> AsyncIterator[Neo4jStore]:
    async with open_neo4j(await emptied(shared_neo4j)) as opened:
        yield opened


@pytest.fixture
async def bolt(store: Neo4jStore, shared_neo4j: Neo4jServer) -> AsyncIterator[Counting]:
    opened = Counting(Address.of(shared_neo4j.url))
    yield opened
    await opened.close()


async def kept(store: Neo4jStore, count: int) -> list[DerivedRef]:
    """Keep so many memories, and return where each one's bytes belong."""
    memories = [memory(f"Note {number}") for number in range(count)]
    await written(store, *memories)
    return [DerivedRef(each.id, each.version, "words 1") for each in memories]


async def test_what_is_kept_at_the_same_moment_is_written_together(
    store: Neo4jStore, bolt: Counting
) -> None:
    refs, deriver = await kept(store, 20), Deriver(bolt)
    told = {ref: str(number).encode() for number, ref in enumerate(refs)}
    await asyncio.gather(*(deriver.derive(ACME, {ref: data}, ()) for ref, data in told.items()))
    assert await store.derived(ACME, refs) == told
    assert bolt.writes <= 2


async def test_what_is_kept_and_dropped_together_ends_as_the_last_said(
    store: Neo4jStore, bolt: Counting
) -> None:
    (one, other), deriver = await kept(store, 2), Deriver(bolt)
    await asyncio.gather(
        deriver.derive(ACME, {one: b"1", other: b"1"}, ()),
        deriver.derive(ACME, {one: b"2"}, [other]),
        deriver.derive(ACME, {other: b"3"}, [one]),
    )
    assert await store.derived(ACME, [one, other]) == {other: b"3"}


async def test_one_that_cannot_be_written_fails_alone(store: Neo4jStore, bolt: Counting) -> None:
    (ref,), deriver = await kept(store, 1), Deriver(bolt)
    broken = DerivedRef(RecordId("mark:\ud800"), 0, "words 1")
    fine, *failed = await asyncio.gather(
        deriver.derive(ACME, {ref: b"1"}, ()),
        *(deriver.derive(ACME, {each: b"2"}, ()) for each in (broken, broken)),
        return_exceptions=True,
    )
    assert fine is None
    assert all(isinstance(each, Exception) for each in failed)
    assert await store.derived(ACME, [ref]) == {ref: b"1"}
