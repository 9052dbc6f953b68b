from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from mnemos_graph.memory.services import Parts, Services, open_services
from mnemos_graph.model import Job, JobState, RecordId
from mnemos_graph.store import ChangeSet, DerivedRef, GraphStore, Put
from mnemos_graph.vectors import VectorStore
from tests.conformance.memory_vectors import MemoryVectors
from tests.conformance.samples import ACME, memory
from tests.embedders import WordEmbedder

ORG = ACME.organization
COUNT = 12


@dataclass
class Opened:
    services: Services
    embedder: WordEmbedder


@pytest.fixture
async def opened(store: GraphStore) -> AsyncIterator[Opened]:
    vectors, embedder = MemoryVectors(), WordEmbedder()

    @asynccontextmanager
    async def open_vectors() -> AsyncIterator[VectorStore]:
        yield vectors

    parts = Parts(store=store, embedder=embedder, open_vectors=open_vectors, exact_scan=5)
    async with open_services(parts) as services:
        yield Opened(services, embedder)


async def reindexed(services: Services) -> Job:
    assert services.reindexing is not None
    job = (await services.reindexing.reindex(ACME)).record
    async with asyncio.timeout(10):
        while not job.ended:
            await asyncio.sleep(0.01)
            job = (await services.store.get(ACME, Job, [job.id]))[job.id]
    return job


async def told(services: Services) -> list[RecordId]:
    assert services.indexer is not None
    memories = [memory(f"note {n}") for n in range(COUNT)]
    committed = await services.store.commit(ACME, ChangeSet(tuple(map(Put, memories))))
    await services.indexer.passed(ORG, committed.last)
    return [each.id for each in memories]


async def test_reindexing_fills_wide_searches_without_a_model(opened: Opened) -> None:
    services = opened.services
    await told(services)
    opened.embedder.away = True
    job = await reindexed(services)
    assert (job.state, job.done, job.total) == (JobState.SUCCEEDED, COUNT, COUNT)
    rows = await WordEmbedder().embed(["note 7"])
    assert services.collecting is not None
    wide = await services.collecting.nearest(ACME, rows[0][0], 1)
    assert wide is not None
    assert [each.text for each, _ in wide.found] == ["note 7"]


async def test_reindexing_embeds_only_what_has_no_vector(opened: Opened) -> None:
    services, store = opened.services, opened.services.store
    ids = await told(services)
    lost = DerivedRef(ids[3], 1, "words 1")
    await store.derive(ACME, {}, drop=[lost])
    opened.embedder.texts.clear()
    await reindexed(services)
    assert opened.embedder.texts == ["note 3"]
    assert lost in await store.derived(ACME, [lost])
