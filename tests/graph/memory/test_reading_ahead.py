"""What a job was given is read side by side, and decided about in its order."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mnemos_graph.feed import Journal
from mnemos_graph.language.models.extracting import ModelExtractor
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.remember.remember import Rememberer
from mnemos_graph.memory.remember.remember_many import REMEMBER_MANY, RememberingMany
from mnemos_graph.memory.remember.telling import Telling
from mnemos_graph.memory.transfer.importing import IMPORT, Found, Importing
from mnemos_graph.model import Job, JobState, Memory, Scope
from mnemos_graph.store import Find, GraphStore, Order
from tests.conformance.samples import ACME, ANN, EPOCH
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.echo import Echo
from tests.graph.memory.working import ended, runner

SESSION = Scope(user_id="ann", session_id="monday")


def tellings(count: int, scope: Scope = ANN) -> list[Telling]:
    return [
        Telling(scope=scope, text=f"I saw film {n} in Oslo.", occurred_at=EPOCH)
        for n in range(count)
    ]


async def many(
    journal: Journal, jobs: Jobs, clock: Calendar, model: Echo, told: Sequence[Telling]
) -> Job:
    """Have tellings taken in by a job; return it once it has ended."""
    rememberer = Rememberer(journal, jobs, clock, extractor=ModelExtractor(model), ahead=10)
    remembering = RememberingMany(jobs, rememberer, clock)
    job = (await remembering.submit(ACME, told)).record
    async with runner(journal, jobs, clock, {REMEMBER_MANY: remembering.handle}):
        return await ended(journal, job.id)


async def texts(store: GraphStore) -> list[str]:
    question = Find(Memory, order=Order("id"), first=100)
    (page,) = await store.find(ACME, [question])
    return [each.text for each in page.records]


async def test_ten_tellings_of_one_user_are_read_at_the_same_time(
    journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    model = Echo()
    job = await many(journal, jobs, clock, model, tellings(30))
    assert (job.state, job.done) == (JobState.SUCCEEDED, 30)
    assert (model.most_at_once, len(model.requests)) == (10, 30)
    assert await texts(journal.store) == [f"I saw film {n} in Oslo." for n in range(30)]


async def test_what_was_told_in_one_session_is_read_together(
    journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    model = Echo()
    job = await many(journal, jobs, clock, model, tellings(40, SESSION))
    assert job.done == 40
    assert len(model.requests) == 3
    assert await texts(journal.store) == [f"I saw film {n} in Oslo." for n in range(40)]


@pytest.mark.parametrize("scope", [ANN, SESSION])
async def test_what_could_not_be_read_is_read_later_and_nothing_is_lost(
    journal: Journal, jobs: Jobs, clock: Calendar, scope: Scope
) -> None:
    model = Echo(away=3)
    job = await many(journal, jobs, clock, model, tellings(20, scope))
    assert (job.state, job.done, job.failed) == (JobState.SUCCEEDED, 20, 0)
    assert await texts(journal.store) == [f"I saw film {n} in Oslo." for n in range(20)]


async def test_only_what_is_to_be_inferred_is_read(
    journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    model = Echo()
    verbatim = [Telling(scope=ANN, text="Kept.", infer=False)]
    recalled = [Telling(scope=ANN, text="I saw film 1.", source="mnemos:recall")]
    job = await many(journal, jobs, clock, model, [*verbatim, *recalled, *tellings(1)])
    assert (job.done, len(model.requests)) == (3, 1)


async def test_a_file_that_is_imported_again_is_paid_once(
    journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    model = Echo()
    rememberer = Rememberer(journal, jobs, clock, extractor=ModelExtractor(model), ahead=10)
    importing = Importing(journal, jobs, rememberer, clock)
    async with runner(journal, jobs, clock, {IMPORT: importing.handle}):
        for _ in range(2):
            found = Found(tellings=tellings(40, SESSION), digest="a file")
            job = await ended(journal, (await importing.submit(ACME, found)).record.id)
            assert (job.state, job.done) == (JobState.SUCCEEDED, 40)
    assert len(model.requests) == 3
    assert len(await texts(journal.store)) == 40
