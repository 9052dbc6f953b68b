"""Workers that are killed with jobs in hand, and a Redis that is emptied: every job is done, once."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from redis.asyncio import Redis

from mnemos.client import AsyncClient, Telling
from mnemos.client.results import Job
from tests.faults.length import LONG
from tests.faults.stack.callers import Writers, texts, whole_log
from tests.faults.stack.starting import Stack, clients

JOBS = 20 if LONG else 6
EACH = 50 if LONG else 25
KILLS = 5 if LONG else 1

pytestmark = [pytest.mark.faults, pytest.mark.server, pytest.mark.timeout(1_200 if LONG else 300)]


def said(job: int, number: int) -> str:
    return f"job {job} keeps {number}"


def everything() -> Counter[str]:
    """Return what all jobs together shall leave, each text once."""
    return Counter(said(job, n) for job in range(JOBS) for n in range(EACH))


async def handed_in(client: AsyncClient) -> list[str]:
    """Hand in jobs of both kinds, each of them twice with its key; return their ids."""
    ids = []
    for job in range(JOBS):
        key = f"job {job}"
        for _ in range(2):
            given = await (_imported if job % 2 else _told)(client, job, key)
        ids.append(given)
    return ids


async def _told(client: AsyncClient, job: int, key: str) -> str:
    tellings = [Telling(text=said(job, n), user_id="ana", infer=False) for n in range(EACH)]
    return (await client.remember_many(tellings, idempotency_key=key)).job.id


async def _imported(client: AsyncClient, job: int, key: str) -> str:
    lines = "".join(json.dumps({"text": said(job, n)}) + "\n" for n in range(EACH))
    started = await client.import_file(
        lines.encode(), user_id="ana", verbatim=True, idempotency_key=key
    )
    return started.job_id


async def looked_at(client: AsyncClient, ids: Sequence[str]) -> list[Job]:
    jobs = [await Writers().patiently(partial(client.job, id_)) for id_ in ids]
    assert all(jobs), "a job that was acknowledged is not there"
    return [job for job in jobs if job is not None]


async def until(
    client: AsyncClient, ids: Sequence[str], holds: Callable[[Sequence[Job]], bool]
) -> list[Job]:
    while True:
        jobs = await looked_at(client, ids)
        if holds(jobs):
            return jobs
        await asyncio.sleep(0.2)


async def forgets(stack: Stack) -> None:
    async with Redis.from_url(stack.redis.url) as redis:
        await redis.flushall()


def done(jobs: Sequence[Job]) -> int:
    return sum(job.done for job in jobs)


async def killed_with_jobs_in_hand(stack: Stack, client: AsyncClient, ids: Sequence[str]) -> None:
    """Kill a worker that has begun, and have Redis forget who has what and what waits."""
    async with stack.job_worker() as worker:
        before = done(await looked_at(client, ids))
        await until(client, ids, lambda jobs: done(jobs) > before)
        await worker.end(signal.SIGKILL)
    await forgets(stack)


async def test_every_job_is_done_once(stack: Stack) -> None:
    stack.settings["MNEMOS_JOBS_AT_ONCE"] = str(JOBS // 3)
    async with stack.serve() as program, clients(program.url, 1) as (client,):
        ids = await handed_in(client)
        for _ in range(KILLS):
            await killed_with_jobs_in_hand(stack, client, ids)
        async with stack.job_worker():
            jobs = await until(client, ids, lambda jobs: all(job.ended for job in jobs))
        kept = texts(await whole_log(client))
    assert [(job.state, job.done, job.failed) for job in jobs] == [("SUCCEEDED", EACH, 0)] * JOBS
    assert kept == everything()


async def test_a_worker_that_was_taken_for_dead_does_nothing_again(stack: Stack) -> None:
    async with stack.serve() as program, clients(program.url, 1) as (client,):
        ids = await handed_in(client)
        async with stack.job_worker() as stalled:
            await until(client, ids, lambda jobs: done(jobs) > 0)
            stalled.send(signal.SIGSTOP)
            async with stack.job_worker():
                await until(client, ids, lambda jobs: all(job.ended for job in jobs))
            stalled.send(signal.SIGCONT)
            await stalled.end(signal.SIGTERM)
        jobs = await looked_at(client, ids)
        kept = texts(await whole_log(client))
    assert [(job.state, job.done, job.failed) for job in jobs] == [("SUCCEEDED", EACH, 0)] * JOBS
    assert kept == everything()


async def test_a_job_that_is_acknowledged_before_its_commit_is_found(stack: Stack) -> None:
    stack.bug = "acknowledges jobs before the commit"
    async with stack.serve() as program, clients(program.url, 1) as (client,):
        await _told(client, 0, "key")
        await program.end(signal.SIGKILL)
    assert await stack.positions() == [], "there is such a job"
