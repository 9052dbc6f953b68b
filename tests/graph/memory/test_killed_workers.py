"""A worker that dies with jobs in hand: another one goes on, and everything happens once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from mnemos_graph.feed import Journal, LocalBus
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob
from mnemos_graph.memory.outcomes import Written
from mnemos_graph.memory.receipts import Keyed
from mnemos_graph.memory.remember.telling import Telling
from mnemos_graph.memory.transfer.importing import Found
from mnemos_graph.model import (
    START,
    Access,
    Job,
    JobInput,
    JobState,
    Memory,
    RecordKind,
    Scope,
    new_id,
)
from mnemos_graph.ready import LocalReady, Ready
from mnemos_graph.store import ChangeSet, DerivedRef, Find, GraphStore, Put
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, ANN, BOB, day, memory
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.mortal import Mortal, Worker, worker, working
from tests.graph.memory.passing import arrived
from tests.graph.memory.working import ended

Hand = Callable[[Worker], Awaitable[Job]]


async def remember_many(worker: Worker) -> Job:
    tellings = [Telling(scope=ANN, text=f"I like number{n}.") for n in range(4)]
    tellings += [Telling(scope=BOB, text=f"Turn {n}.", infer=False) for n in range(3)]
    return (await worker.many.submit(ACME, tellings)).record


async def remember_pending(worker: Worker) -> Job:
    telling = Telling(scope=ANN, text="I like tea. I live in Rome.", occurred_at=day(0))
    pending = (await worker.rememberer.remember(ACME, telling)).pending
    assert pending
    return pending


async def forget(worker: Worker) -> Job:
    for scope in (ANN, BOB):
        for number in range(4):
            made = memory(f"Secret {number} of {scope.user_id}", scope=scope)
            await worker.journal.commit(ACME, ChangeSet((Put(made),)))
    job = (await worker.forgetting.forget_user(ACME, "ann")).record
    await worker.journal.commit(ACME, ChangeSet((Put(memory("Told afterwards")),)))
    return job


async def import_(worker: Worker) -> Job:
    told = [Telling(scope=ANN, text=f"Line {n}.", infer=False) for n in range(3)]
    records = [memory(f"Record {n}", scope=scope) for n in range(3) for scope in (ANN, Scope())]
    found = Found(tellings=told, records=records, digest="file")
    return (await worker.importing.submit(ACME, found)).record


async def reindex(worker: Worker) -> Job:
    for number in range(5):
        await worker.journal.commit(ACME, ChangeSet((Put(memory(f"Known {number}")),)))
    return (await worker.reindexing.reindex(ACME)).record


async def expire(worker: Worker) -> Job:
    for number in range(6):
        made = memory(f"For {number} days", expires_at=day(number - 3) if number else None)
        await worker.journal.commit(ACME, ChangeSet((Put(made),)))
    assert await worker.expiring.look() == 1
    (job,) = await worker.jobs.open(ACME)
    return job


async def consolidate(worker: Worker) -> Job:
    store = worker.journal.store
    for number in range(3):
        await arrived(store, f"Ann loves the view {number} times a day.")
        await arrived(store, f"Ann adores the view {number} times a day.")
    return (await worker.consolidating.consolidate(ACME, ANN)).record


async def effect(store: GraphStore) -> Counter[tuple[object, ...]]:
    """Return what has happened: every entry of the log but the jobs', and what can be found now."""
    changes = await store.changes(ACME, limit=10_000)
    happened = Counter[tuple[object, ...]](
        (each.subject_type, each.kind, each.scope)
        for each in changes
        if each.subject_type is not RecordKind.JOB
    )
    (page,) = await store.find(ACME, [Find(Memory, first=1_000)])
    vectors = await store.derived(
        ACME, [DerivedRef(each.id, each.version, "counts") for each in page.records]
    )
    happened.update((each.text, each.version, each.scope) for each in page.records)
    happened["vectors", len(vectors)] += 1
    return happened


KINDS = [remember_many, remember_pending, forget, import_, reindex, expire, consolidate]
DEATHS = [(number, unheard) for number in (0, 1, 2, 4, 7) for unheard in (False, True)]


@pytest.mark.parametrize(("dies_at", "unheard"), DEATHS)
@pytest.mark.parametrize("hand_in", KINDS)
async def test_what_a_killed_worker_had_in_hand_is_finished_by_another_and_happens_once(
    clock: Calendar, hand_in: Hand, dies_at: int, *, unheard: bool
) -> None:
    calm, store = MemoryStore(), MemoryStore()
    async with worker(calm, LocalReady(), clock, away=1) as only, working(only, clock):
        await ended(only.journal, (await hand_in(only)).id)
    async with worker(store, LocalReady(), clock, away=1) as front:
        job = await hand_in(front)
    mortal, ready = Mortal(store, dies_at=dies_at, unheard=unheard), LocalReady()
    await ready.put(Ready(ACME.organization, job.id))
    async with worker(mortal, ready, clock) as first, working(first, clock):
        async with worker(store, LocalReady(), clock) as second, working(second, clock):
            done = await ended(second.journal, job.id)
        mortal.bury()
    assert (done.state, done.error) == (JobState.SUCCEEDED, None)
    assert (done.failed, done.progress) == (0, 1.0)
    assert await effect(store) == await effect(calm)
    assert not (await store.find(ACME, [Find(JobInput)]))[0].records


class Hasty(Jobs):
    """What must not be: it acknowledges a job before the job is kept."""

    async def submit(
        self, access: Access, new: NewJob, request: Keyed | None = None
    ) -> Written[Job]:
        now = day(0)
        job = Job(id=new_id(), scope=new.scope, created_at=now, updated_at=now, kind=new.kind)
        self.keeping = asyncio.create_task(
            self._journal.commit(access, ChangeSet((Put(job),))), name="keep a job"
        )
        return Written(job, START)


async def lost(jobs: type[Jobs], clock: Calendar) -> int:
    """Hand jobs in until the process dies, and return how many of the acknowledged are not kept."""
    store = MemoryStore()
    mortal = Mortal(store, dies_at=5)
    one = jobs(Journal(mortal, LocalBus()), clock)
    acknowledged = []

    async def hand_in() -> None:
        for _ in range(10):
            written = await one.submit(ACME, NewJob(kind="any"))
            acknowledged.append(written.record.id)

    handing_in = asyncio.create_task(hand_in())
    await mortal.dead.wait()
    handing_in.cancel()
    mortal.bury()
    await asyncio.gather(handing_in, getattr(one, "keeping", handing_in), return_exceptions=True)
    assert len(acknowledged) >= 5
    return len(set(acknowledged) - set(await store.get(ACME, Job, acknowledged)))


async def test_a_job_that_was_acknowledged_is_kept_and_the_test_would_see_if_not(
    clock: Calendar,
) -> None:
    assert await lost(Jobs, clock) == 0
    assert await lost(Hasty, clock) > 0
