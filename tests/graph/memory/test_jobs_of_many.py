"""Jobs that several workers share: each is done by one, and none is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from mnemos_graph.errors import BadInput, NotFound, Unavailable
from mnemos_graph.feed import Journal
from mnemos_graph.memory.jobs.heart import Heart
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob, Unit
from mnemos_graph.memory.jobs.pauses import LONGEST_PAUSE, MOST_TRIES, pause_before
from mnemos_graph.memory.jobs.runner import Runner
from mnemos_graph.memory.jobs.watch import Watch
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.model import START, ChangeKind, Job, JobInput, JobState, Memory, RecordId
from mnemos_graph.ready import LocalReady, Ready, Taken
from mnemos_graph.store import ChangeSet, Find, GraphStore, Put
from tests.conformance.samples import ACME, ANN, day, memory
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.mortal import acme, worker, working
from tests.graph.memory.working import ended, runner


class Deaf:
    """Ready jobs that nobody ever hears of, as when a queue was emptied."""

    async def put(self, ready: Ready) -> None:
        pass

    async def take(self) -> AsyncIterator[Taken]:
        await asyncio.Event().wait()
        yield  # type: ignore[misc]


class Writing:
    """A handler that writes one memory for each time that it is called, after a while."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds

    async def __call__(self, work: Work) -> None:
        await asyncio.sleep(self._seconds)
        await work.commit(ChangeSet((Put(memory(f"done by {work.job.kind}")),)))
        await work.done()


async def written(store: GraphStore) -> int:
    (page,) = await store.find(ACME, [Find(Memory, first=100)])
    return len(page.records)


async def test_of_all_who_hear_of_a_job_one_works_on_it(journal: Journal, clock: Calendar) -> None:
    each = [Jobs(journal, clock) for _ in range(4)]
    job = (await each[0].submit(ACME, NewJob(kind="write"))).record
    for jobs in each:
        for _ in range(3):
            await jobs.ready.put(Ready(ACME.organization, job.id))
    runners = [runner(journal, jobs, clock, {"write": Writing(0.02)}) for jobs in each]
    async with runners[0], runners[1], runners[2], runners[3]:
        await ended(journal, job.id)
        await asyncio.sleep(0.05)
    assert await written(journal.store) == 1


async def test_a_job_that_nobody_heard_of_is_found(journal: Journal, clock: Calendar) -> None:
    handed_in = await Jobs(journal, clock, Deaf()).submit(ACME, NewJob(kind="write"))
    async with (
        worker(journal.store, LocalReady(), clock) as one,
        working(one, clock, handlers={"write": Writing()}),
    ):
        assert (await ended(journal, handed_in.record.id)).state is JobState.SUCCEEDED


async def test_a_job_is_left_to_whoever_is_alive_however_long_it_takes(
    journal: Journal, clock: Calendar
) -> None:
    async with (
        worker(journal.store, LocalReady(), clock) as one,
        worker(journal.store, LocalReady(), clock) as two,
        working(one, clock, handlers={"write": Writing(0.9)}),
    ):
        job = (await one.jobs.submit(ACME, NewJob(kind="write"))).record
        async with working(two, clock, stale=0.3, handlers={"write": Writing()}):
            assert (await ended(journal, job.id)).version == 3
    assert await written(journal.store) == 1


async def test_whoever_lost_a_job_stops_and_counts_nothing(
    journal: Journal, clock: Calendar
) -> None:
    held, go_on = asyncio.Event(), asyncio.Event()

    async def slow(work: Work) -> None:
        held.set()
        await go_on.wait()
        await work.done(count=100)

    slow_jobs, jobs = Jobs(journal, clock), Jobs(journal, clock)
    job = (await slow_jobs.submit(ACME, NewJob(kind="write"))).record
    async with runner(journal, slow_jobs, clock, {"write": slow}):
        await held.wait()
        (running,) = await jobs.open(ACME)
        await jobs.say_again(ACME, running)
        async with runner(journal, jobs, clock, {"write": Writing()}):
            done = await ended(journal, job.id)
        go_on.set()
        await asyncio.sleep(0.02)
    assert (await journal.store.get(ACME, Job, [job.id]))[job.id] == done
    assert done.done == 1


async def all_begun(jobs: Jobs) -> None:
    while True:
        if {job.state for job in await jobs.open(ACME)} == {JobState.RUNNING}:
            return
        await asyncio.sleep(0.01)


async def test_what_is_under_way_is_finished_or_put_back_when_a_worker_ends(
    journal: Journal, clock: Calendar
) -> None:
    jobs = Jobs(journal, clock)
    short = (await jobs.submit(ACME, NewJob(kind="short"))).record.id
    long = (await jobs.submit(ACME, NewJob(kind="long"))).record.id
    handlers = {"short": Writing(0.1), "long": Writing(3600)}
    async with Runner(journal, jobs, handlers, clock, drain=1.0):
        await all_begun(jobs)
    states = await journal.store.get(ACME, Job, [short, long])
    assert (states[short].state, states[long].state) == (JobState.SUCCEEDED, JobState.QUEUED)


async def away(work: Work) -> None:
    raise Unavailable("The model is away.")


def units(count: int) -> list[Unit]:
    return [Unit(scope=ANN, payload={"name": f"unit {number}"}) for number in range(count)]


async def given_up(journal: Journal, jobs: Jobs, clock: Calendar) -> Job:
    job = (await jobs.submit(ACME, NewJob(kind="write", units=units(3), total=3))).record
    async with Runner(journal, jobs, {"write": away}, clock, pause=0.001, most_tries=5):
        return await ended(journal, job.id)


async def test_what_never_can_be_done_is_given_up_and_kept(
    journal: Journal, clock: Calendar
) -> None:
    job = await given_up(journal, Jobs(journal, clock), clock)
    assert job.state is JobState.FAILED
    assert job.error == "It was given up after 5 tries. The last one: The model is away."
    (page,) = await journal.store.find(ACME, [Find(JobInput)])
    assert len(page.records) == 3


async def test_what_was_given_up_is_run_again_on_request(journal: Journal, clock: Calendar) -> None:
    jobs = Jobs(journal, clock)
    job = await given_up(journal, jobs, clock)
    again = (await jobs.retry(ACME, job.id)).record
    assert (again.state, again.error, again.finished_at) == (JobState.QUEUED, None, None)

    async def each(work: Work) -> None:
        async for page in work.inputs():
            for held in page:
                await work.done(held)

    async with runner(journal, jobs, clock, {"write": each}):
        done = await ended(journal, job.id)
    assert (done.state, done.done, done.error) == (JobState.SUCCEEDED, 3, None)


async def test_only_what_has_failed_is_run_again(journal: Journal, clock: Calendar) -> None:
    jobs = Jobs(journal, clock)
    job = (await jobs.submit(ACME, NewJob(kind="write"))).record
    with pytest.raises(BadInput, match="This job is queued"):
        await jobs.retry(ACME, job.id)
    with pytest.raises(NotFound):
        await jobs.retry(ACME, RecordId("elsewhere"))


async def test_a_job_that_comes_further_each_time_is_not_given_up(
    journal: Journal, clock: Calendar
) -> None:
    async def one_at_a_time(work: Work) -> None:
        async for page in work.inputs():
            await work.done(page[0])
            if len(page) > 1:
                raise Unavailable("Not so fast.")

    jobs = Jobs(journal, clock)
    job = (await jobs.submit(ACME, NewJob(kind="write", units=units(8)))).record
    async with Runner(journal, jobs, {"write": one_at_a_time}, clock, pause=0.001, most_tries=2):
        assert (await ended(journal, job.id)).done == 8


def test_pauses_grow_up_to_a_limit_and_last_for_a_working_day() -> None:
    pauses = [pause_before(tries) for tries in range(1, MOST_TRIES)]
    assert pauses[:4] == [1, 2, 4, 8]
    assert max(pauses) == pauses[-1] == LONGEST_PAUSE
    assert 7 * 3600 < sum(pauses) < 9 * 3600


async def test_a_watch_asks_only_those_whose_jobs_may_have_changed(
    store: GraphStore, journal: Journal, clock: Calendar
) -> None:
    jobs = Jobs(journal, clock)
    watch = Watch(store, jobs, Heart(store, every=None), acme, stale=0.0)
    await journal.commit(ACME, ChangeSet((Put(memory()),)))
    assert await watch.look() == 0
    await jobs.submit(ACME, NewJob(kind="write"))
    assert await watch.look() == 1
    assert await watch.look() == 1


async def test_expired_memories_are_deleted_by_a_job_and_can_be_restored(
    journal: Journal, clock: Calendar
) -> None:
    stays, goes = memory("Stays", expires_at=day(2)), memory("Goes", expires_at=day(1))
    await journal.commit(ACME, ChangeSet((Put(stays), Put(goes), Put(memory("No end")))))
    clock.move(days=1)
    async with worker(journal.store, LocalReady(), clock) as one:
        assert await one.expiring.look() == 1
        (job,) = await one.jobs.open(ACME)
        async with working(one, clock):
            assert (await ended(journal, job.id)).done == 1
    assert set(await journal.store.get(ACME, Memory, [stays.id, goes.id])) == {stays.id}
    restored = await Memories(journal, clock).restore(ACME, goes.id)
    assert (restored.record.text, await written(journal.store)) == ("Goes", 3)


async def test_nothing_is_begun_where_nothing_has_expired_or_it_is_being_deleted(
    journal: Journal, clock: Calendar
) -> None:
    async with worker(journal.store, LocalReady(), clock) as one:
        assert await one.expiring.look() == 0
        await journal.commit(ACME, ChangeSet((Put(memory(expires_at=day(0))),)))
        assert await one.expiring.look() == 1
        assert await one.expiring.look() == 0


async def test_what_expired_is_deleted_where_jobs_are_worked_off(
    store: GraphStore, clock: Calendar
) -> None:
    goes = memory("Goes", expires_at=day(1))
    await store.commit(ACME, ChangeSet((Put(goes),)))
    clock.move(days=2)
    parts = Parts(store=store, clock=clock, organizations=acme)
    async with open_services(replace(parts, runs_jobs=False)) as idle:
        assert idle.runner is None
        assert await store.get(ACME, Memory, [goes.id])
    async with (
        open_services(parts) as services,
        aclosing(services.feed.follow(ACME, START)) as pages,
    ):
        async for page in pages:
            if any(each.kind is ChangeKind.DELETED for each in page.changes):
                break
    assert not await store.get(ACME, Memory, [goes.id])
