"""Job workers that are killed or stopped, and a Redis that forgets: every job is done, once."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from mnemos_graph.memory.remember.telling import Telling
from mnemos_graph.memory.services import Services
from mnemos_graph.model import Job, JobInput, JobState, Memory, RecordId, Scope
from mnemos_graph.store import Find, Order
from tests.faults.job_workers import (
    HERE,
    Servers,
    all_ended,
    begun,
    front,
    job_worker,
    looked_at,
    patiently,
)
from tests.servers.neo4j import Neo4jServer, emptied
from tests.servers.redis import redis_server

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture
async def stack(tmp_path: Path, shared_neo4j: Neo4jServer) -> AsyncIterator[Servers]:
    await emptied(shared_neo4j)
    async with redis_server(tmp_path / "redis") as redis:
        yield Servers(tmp_path, shared_neo4j, redis)


async def handed_in(services: Services, jobs: int, each: int) -> list[RecordId]:
    ids = []
    for job in range(jobs):
        tellings = [
            Telling(scope=Scope(f"user {n % 3}"), text=f"Job {job} says {n}.", infer=False)
            for n in range(each)
        ]
        submit = partial(services.remembering_many.submit, HERE, tellings, f"job {job}")
        ids.append((await patiently(submit)).record.id)
    return ids


def asked(jobs: int, each: int) -> Counter[str]:
    return Counter(f"Job {job} says {n}." for job in range(jobs) for n in range(each))


async def kept(services: Services) -> Counter[str]:
    every = Find(Memory, order=Order("id"), first=5_000)
    (page,) = await patiently(lambda: services.store.find(HERE, [every]))
    return Counter(each.text for each in page.records)


async def succeeded(services: Services, ids: list[RecordId], each: int) -> None:
    """Check that each job has ended well, counted everything once and left nothing over."""
    for job in await looked_at(services, ids):
        assert (job.state, job.done, job.failed) == (JobState.SUCCEEDED, each, 0), job
    assert await kept(services) == asked(len(ids), each)
    (page,) = await services.store.find(HERE, [Find(JobInput, first=10)])
    assert not page.records


async def test_a_worker_killed_with_jobs_in_hand_leaves_them_to_another(stack: Servers) -> None:
    async with front(stack) as services:
        async with job_worker(stack, "first") as first:
            ids = await handed_in(services, jobs=4, each=30)
            await begun(services, ids)
            async with job_worker(stack, "second"):
                await first.end(signal.SIGKILL)
                await all_ended(services, ids)
        await succeeded(services, ids, each=30)


async def test_a_worker_that_is_stopped_finishes_or_puts_back_what_it_has(stack: Servers) -> None:
    async with front(stack) as services:
        async with job_worker(stack, "first") as first:
            ids = await handed_in(services, jobs=4, each=60)
            await begun(services, ids)
            async with asyncio.timeout(10):
                assert await first.end(signal.SIGTERM) == 0
        async with job_worker(stack, "second"):
            await all_ended(services, ids)
        await succeeded(services, ids, each=60)


async def test_no_job_is_lost_with_a_redis_that_forgets_what_waits(stack: Servers) -> None:
    async with front(stack) as services:
        ids = await handed_in(services, jobs=10, each=3)
        await asyncio.to_thread(stack.redis.restart, empty=True)
        assert {job.state for job in await looked_at(services, ids)} == {JobState.QUEUED}
        async with job_worker(stack, "only"):
            await all_ended(services, ids)
        await succeeded(services, ids, each=3)


async def test_a_job_that_is_handed_in_while_redis_is_away_is_done(stack: Servers) -> None:
    async with front(stack) as services, job_worker(stack, "only"):
        await asyncio.to_thread(stack.redis.end)
        ids = await handed_in(services, jobs=3, each=3)
        await asyncio.to_thread(stack.redis.start, empty=True)
        jobs: list[Job] = list(await all_ended(services, ids))
        assert len(jobs) == 3
        await succeeded(services, ids, each=3)
