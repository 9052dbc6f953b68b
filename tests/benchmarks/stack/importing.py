"""How fast whole records are imported: memories with the people, places and facts that they name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mnemos.settings import Settings
from mnemos_graph.memory.indexing.indexing import IndexingJournal
from mnemos_graph.memory.services import Parts, Services
from mnemos_graph.memory.transfer.importing import Found
from mnemos_graph.model import Job, JobState, Memory, Record, RecordId
from mnemos_graph.store import ChangeSet, Put
from tests.benchmarks.commits import made
from tests.benchmarks.figures import Figure, settle
from tests.benchmarks.stack.filled import ACCESS
from tests.benchmarks.stack.known import KnownVectors
from tests.benchmarks.stack.servers import memory, servers

ABOUT = "Stack: an import of whole records, 1 memory, 2 entities and 2 facts at a time"
ALONE, WARM, TOGETHER = 200, 1_500, 2_000
_ENDED = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


def records(sets: Sequence[ChangeSet]) -> list[Record]:
    return [each.record for held in sets for each in held.operations if isinstance(each, Put)]


async def imported(services: Services, sets: Sequence[ChangeSet]) -> None:
    """Import these records by one job, until every memory has its vectors."""
    found = Found(records=records(sets), digest="")
    job = (await services.importing.submit(ACCESS, found)).record
    while job.state not in _ENDED:
        await asyncio.sleep(0.01)
        job = await _job(services, job.id)
    assert (job.state, job.failed, job.done) == (JobState.SUCCEEDED, 0, found.count), job


async def _job(services: Services, id_: RecordId) -> Job:
    return (await services.store.get(ACCESS, Job, [id_]))[id_]


async def one_by_one(services: Services, parts: Parts, sets: Sequence[ChangeSet]) -> None:
    """Write a memory with its records at a time, each durable and embedded before the next."""
    assert services.indexer is not None
    journal = IndexingJournal(services.store, parts.bus, services.indexer)
    for each in sets:
        await journal.commit(ACCESS, each)


@dataclass(frozen=True, slots=True)
class Paces:
    together: float
    alone: float
    """Memories a second, as ``together``: one change set after the other."""


async def paces(settings: Settings) -> Paces:
    sets = [made(number) for number in range(ALONE + WARM + TOGETHER)]
    texts = [each.text for each in records(sets) if isinstance(each, Memory)]
    async with memory(settings, KnownVectors(texts)) as (services, parts):
        await imported(services, sets[:WARM])
        settle()
        began = time.perf_counter()
        await one_by_one(services, parts, sets[WARM : WARM + ALONE])
        alone = ALONE / (time.perf_counter() - began)
        began = time.perf_counter()
        await imported(services, sets[WARM + ALONE :])
        return Paces(TOGETHER / (time.perf_counter() - began), alone)


async def figures(folder: Path) -> list[Figure]:
    async with servers(folder / "servers") as stack:
        whole = await paces(stack.settings(folder / "stack"))
    own = await paces(Settings(data=folder / "own"))
    return [
        Figure(
            what="one job, vectors precomputed",
            value=whole.together,
            unit="memories/s",
            goal="≥ 300/s and ≥ 4 × one each",
            baseline="one each, by one caller",
            baseline_value=whole.alone,
        ),
        Figure(
            what="the same job",
            value=whole.together,
            unit="memories/s",
            baseline="embedded",
            baseline_value=own.together,
        ),
    ]
