"""Jobs: kept before they are acknowledged, worked off once, gone on with after a restart."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from mnemos_graph.errors import BadInput, Conflict, TooMuch, Unavailable
from mnemos_graph.feed import Journal
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob, Unit
from mnemos_graph.memory.jobs.runner import Handler
from mnemos_graph.memory.jobs.work import Work
from mnemos_graph.memory.receipts import Keyed
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.remember_many import REMEMBER_MANY, RememberingMany
from mnemos_graph.memory.remember.telling import Telling
from mnemos_graph.model import (
    Job,
    JobInput,
    JobState,
    Memory,
    RecordKind,
    Scope,
    new_id,
    receipt_id,
)
from mnemos_graph.ready import LocalReady
from mnemos_graph.store import ChangeSet, Erase, Find, GraphStore, Order, Put
from tests.conformance.samples import ACME, ANN, BOB, day
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.working import ended, runner


@pytest.fixture
def ready() -> LocalReady:
    return LocalReady()


@pytest.fixture
def jobs(journal: Journal, clock: Calendar, ready: LocalReady) -> Jobs:
    return Jobs(journal, clock, ready)


@pytest.fixture
def many(journal: Journal, jobs: Jobs, clock: Calendar) -> RememberingMany:
    return RememberingMany(jobs, Rememberer(journal, jobs, clock, extractor=None), clock)


def told(text: str, scope: Scope = ANN, **given: Any) -> Telling:
    return Telling(scope=scope, text=text, infer=False, **given)


async def texts(store: GraphStore) -> list[str]:
    (page,) = await store.find(ACME, [Find(Memory, order=Order("id"), first=3_000)])
    return [each.text for each in page.records]


async def inputs(store: GraphStore) -> int:
    (page,) = await store.find(ACME, [Find(JobInput, first=3_000)])
    return len(page.records)


async def test_many_tellings_are_taken_in_by_a_job_that_says_so(
    many: RememberingMany, journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    written = await many.submit(ACME, [told("One."), told("Two."), told("Three.", BOB)])
    assert (written.record.state, written.record.total) == (JobState.QUEUED, 3)
    async with runner(journal, jobs, clock, {REMEMBER_MANY: many.handle}):
        job = await ended(journal, written.record.id)
    assert (job.state, job.done, job.failed, job.progress) == (JobState.SUCCEEDED, 3, 0, 1.0)
    assert job.finished_at == day(0)
    assert sorted(await texts(journal.store)) == ["One.", "Three.", "Two."]
    assert await inputs(journal.store) == 0


async def test_tellings_of_one_user_are_taken_in_in_order_as_of_when_they_were_handed_in(
    many: RememberingMany, journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    said = [f"Turn {number}." for number in range(120)]
    written = await many.submit(ACME, [told(text) for text in said])
    clock.move(days=1)
    async with runner(journal, jobs, clock, {REMEMBER_MANY: many.handle}):
        await ended(journal, written.record.id)
    (page,) = await journal.store.find(ACME, [Find(Memory, order=Order("id"), first=200)])
    assert [each.text for each in page.records] == said
    assert {each.occurred_at for each in page.records} == {day(0)}


async def test_a_thousand_users_fit_into_one_call(
    many: RememberingMany, journal: Journal, jobs: Jobs, clock: Calendar, ready: LocalReady
) -> None:
    tellings = [told("Hello.", Scope(user_id=f"user {n}")) for n in range(1_000)]
    written = await many.submit(ACME, tellings, "k")
    assert (await many.submit(ACME, tellings, "k")).record == written.record
    assert await inputs(journal.store) == 1_000
    assert ready.waiting == 1


@pytest.mark.parametrize(
    ("tellings", "error"),
    [
        ([], BadInput),
        ([told("x")] * 1_001, TooMuch),
        ([told("x"), told(" ")], BadInput),
        ([told("x"), told("x" * 40_000)], TooMuch),
    ],
)
async def test_what_cannot_be_taken_in_is_refused_as_a_whole(
    many: RememberingMany, journal: Journal, tellings: list[Telling], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await many.submit(ACME, tellings)
    assert await inputs(journal.store) == 0


async def test_the_message_says_which_telling_was_refused(many: RememberingMany) -> None:
    with pytest.raises(BadInput, match=r"^inputs\[1\]: text is empty"):
        await many.submit(ACME, [told("x"), told(" ")])


async def test_one_key_is_one_job_for_all_who_ask_at_once(
    many: RememberingMany, journal: Journal, jobs: Jobs, ready: LocalReady
) -> None:
    calls = [many.submit(ACME, [told("One.")], "k") for _ in range(20)]
    assert len({written.record.id for written in await asyncio.gather(*calls)}) == 1
    assert ready.waiting == 1
    assert await inputs(journal.store) == 1
    with pytest.raises(Conflict):
        await many.submit(ACME, [told("Two.")], "k")


async def test_a_failure_is_counted_and_the_rest_is_done(
    many: RememberingMany, journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    broken = {"scope": {"user_id": "ann"}, "text": " ", "infer": False}
    units = [Unit(scope=ANN, payload=broken)]
    units += [Unit(scope=ANN, payload=broken | {"text": "Kept."})]
    written = await jobs.submit(ACME, NewJob(kind=REMEMBER_MANY, units=units, total=2))
    async with runner(journal, jobs, clock, {REMEMBER_MANY: many.handle}):
        job = await ended(journal, written.record.id)
    assert (job.state, job.done, job.failed) == (JobState.SUCCEEDED, 1, 1)
    assert job.error == "text is empty. Give some text."
    assert await texts(journal.store) == ["Kept."]


class Counting:
    """A handler that counts how often each unit was worked on, and stops where it is told to."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.seen: Counter[str] = Counter()
        self.stopped = asyncio.Event()
        self._stop_at = stop_at

    async def __call__(self, work: Work) -> None:
        async for page in work.inputs():
            for each in page:
                if sum(self.seen.values()) == self._stop_at:
                    self.stopped.set()
                    await asyncio.Event().wait()
                self.seen[each.payload["name"]] += 1
                await work.done(each)


def named_units(count: int) -> list[Unit]:
    return [Unit(scope=ANN, payload={"name": f"unit {number}"}) for number in range(count)]


@pytest.mark.parametrize("stop_at", [0, 3, 60])
async def test_a_job_that_was_under_way_is_gone_on_with_after_a_restart(
    journal: Journal, clock: Calendar, stop_at: int
) -> None:
    before, first = Jobs(journal, clock), Counting(stop_at)
    written = await before.submit(ACME, NewJob(kind="count", units=named_units(70), total=70))
    async with runner(journal, before, clock, {"count": first}):
        await first.stopped.wait()
    after, second = Jobs(journal, clock), Counting()
    assert await after.take_up([ACME.organization]) == 1
    async with runner(journal, after, clock, {"count": second}):
        job = await ended(journal, written.record.id)
    assert (job.state, job.done) == (JobState.SUCCEEDED, 70)
    assert (first.seen | second.seen).keys() == {f"unit {number}" for number in range(70)}


async def test_what_a_cut_off_job_had_taken_in_is_not_taken_in_again(
    journal: Journal, clock: Calendar
) -> None:
    before = Jobs(journal, clock)
    rememberer = Rememberer(journal, before, clock, extractor=None)
    tellings = [told(f"Turn {number}.") for number in range(20)]
    written = await RememberingMany(before, rememberer, clock).submit(ACME, tellings)
    (page,) = await journal.store.find(ACME, [Find(JobInput, first=7)])
    for each in page.records:
        telling = told(each.payload["text"], occurred_at=day(0))
        request = Keyed(REMEMBER_MANY, receipt_id(REMEMBER_MANY, each.id), each.id)
        await rememberer.take_in(ACME, telling, request, written.position)
    after = Jobs(journal, clock)
    await after.take_up([ACME.organization])
    many = RememberingMany(after, rememberer, clock)
    async with runner(journal, after, clock, {REMEMBER_MANY: many.handle}):
        assert (await ended(journal, written.record.id)).done == 20
    assert sorted(await texts(journal.store)) == sorted(each.text or "" for each in tellings)


async def test_inputs_of_a_job_that_nobody_was_told_of_are_swept(
    journal: Journal, clock: Calendar, jobs: Jobs
) -> None:
    orphan = JobInput(
        id=new_id(),
        scope=ANN,
        created_at=day(0),
        updated_at=day(0),
        job_id=new_id(),
        payload={"text": "never acknowledged"},
    )
    await journal.commit(ACME, ChangeSet((Put(orphan),)))
    kept = await jobs.submit(ACME, NewJob(kind="count", units=named_units(1)))
    assert await jobs.sweep(ACME) == 0
    clock.move(days=1)
    assert await jobs.sweep(ACME) == 1
    (page,) = await journal.store.find(ACME, [Find(JobInput)])
    assert [each.job_id for each in page.records] == [kept.record.id]


class Away:
    """A handler whose model is away for the first calls."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    async def __call__(self, work: Work) -> None:
        if self.left:
            self.left -= 1
            raise Unavailable("The model is away.")
        await work.done()


async def test_what_cannot_be_done_now_is_tried_again(
    journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    written = await jobs.submit(ACME, NewJob(kind="away"))
    async with runner(journal, jobs, clock, {"away": Away(3)}):
        job = await ended(journal, written.record.id)
    assert (job.state, job.done) == (JobState.SUCCEEDED, 1)


async def _broken(work: Work) -> None:
    raise ZeroDivisionError("the person's secret words")


async def _refusing(work: Work) -> None:
    raise BadInput("The file has no messages.")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("refusing", "The file has no messages."),
        ("broken", "Something unforeseen went wrong; see incident"),
        ("unknown", "This program knows no job of the kind 'unknown'."),
    ],
)
async def test_a_job_that_fails_says_why_and_harms_no_other(
    journal: Journal, jobs: Jobs, clock: Calendar, kind: str, error: str
) -> None:
    failing = await jobs.submit(ACME, NewJob(kind=kind, units=named_units(1)))
    after = await jobs.submit(ACME, NewJob(kind="count", units=named_units(1)))
    handlers: dict[str, Handler] = {"broken": _broken, "refusing": _refusing, "count": Counting()}
    async with runner(journal, jobs, clock, handlers):
        job = await ended(journal, failing.record.id)
        assert (await ended(journal, after.record.id)).state is JobState.SUCCEEDED
    assert job.state is JobState.FAILED
    assert (job.error or "").startswith(error)
    assert "secret" not in (job.error or "")
    assert await inputs(journal.store) == 1
    clock.move(days=31)
    assert await jobs.sweep(ACME) == 1


async def test_progress_enters_the_log_at_most_once_a_second(
    journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    written = await jobs.submit(ACME, NewJob(kind="count", units=named_units(300), total=300))
    async with runner(journal, jobs, clock, {"count": Counting()}):
        job = await ended(journal, written.record.id)
    changes = await journal.store.changes(ACME, limit=1_000)
    of_job = [each for each in changes if each.subject_type is RecordKind.JOB]
    assert job.done == 300
    assert len(of_job) <= 5


async def test_a_job_that_was_erased_meanwhile_is_left_alone(
    journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    gone = await jobs.submit(ACME, NewJob(kind="count", scope=ANN, units=named_units(1)))
    await journal.commit(ACME, ChangeSet((Erase(RecordKind.JOB, gone.record.id),)))
    after = await jobs.submit(ACME, NewJob(kind="count", units=named_units(1)))
    async with runner(journal, jobs, clock, {"count": Counting()}):
        await ended(journal, after.record.id)
    assert gone.record.id not in await journal.store.get(ACME, Job, [gone.record.id])


async def test_a_request_under_a_key_answers_with_the_job_as_it_was(
    journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    request = Keyed.of("import", "k", "file")
    first = await jobs.submit(ACME, NewJob(kind="count"), request)
    async with runner(journal, jobs, clock, {"count": Counting()}):
        await ended(journal, first.record.id)
    assert await jobs.submit(ACME, NewJob(kind="count"), request) == first
