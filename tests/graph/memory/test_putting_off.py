"""What is cut off or put off is gone on with, once."""

from __future__ import annotations

import pytest

from mnemos_graph.feed import Journal
from mnemos_graph.memory.forget import FORGET_USER, Forgetting
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.records.memories import Memories
from mnemos_graph.memory.remember.remember import PENDING, Rememberer
from mnemos_graph.memory.remember.telling import Message, Telling
from mnemos_graph.memory.scopes import ANYWHERE
from mnemos_graph.memory.selection import EVERYTHING
from mnemos_graph.model import (
    Access,
    Episode,
    Job,
    JobState,
)
from mnemos_graph.store import ChangeSet, Find, GraphStore
from tests.conformance.samples import ACME, ANN
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.rules import Rules
from tests.graph.memory.telling import actions, known, tell, the
from tests.graph.memory.working import ended, runner


class Stopping:
    """A journal in a process that dies after so many commits."""

    def __init__(self, journal: Journal, commits: int) -> None:
        self.store = journal.store
        self._journal = journal
        self._left = commits

    async def commit(self, access: Access, change_set: ChangeSet) -> object:
        if not self._left:
            raise ConnectionAbortedError
        self._left -= 1
        return await self._journal.commit(access, change_set)


@pytest.mark.parametrize("commits", [1, 2, 3])
async def test_a_call_that_was_cut_off_is_gone_on_with_under_its_key(
    journal: Journal, jobs: Jobs, clock: Calendar, memories: Memories, commits: int
) -> None:
    said = [f"I saw film {number}." for number in range(250)]
    telling = Telling(scope=ANN, messages=[Message(text=text) for text in said])
    cut_off = Rememberer(Stopping(journal, commits), jobs, clock, extractor=Rules())  # type: ignore[arg-type]
    with pytest.raises(ConnectionAbortedError):
        await cut_off.remember(ACME, telling, "k")
    whole = Rememberer(journal, jobs, clock, extractor=Rules())
    answer = await whole.remember(ACME, telling, "k")
    assert [action for action, _ in actions(answer)] == ["ADD"] * 250
    assert [each.text for each in answer.episodes] == said
    assert (await memories.list(ACME, ANYWHERE, EVERYTHING, count_to=1_000)).total == 250


async def test_while_the_extractor_is_away_nothing_is_lost(
    journal: Journal, jobs: Jobs, clock: Calendar, memories: Memories, store: GraphStore
) -> None:
    rememberer = Rememberer(journal, jobs, clock, extractor=Rules(away=3))
    answer = await tell(rememberer, "I live in Rome.", key="k")
    assert answer.decisions == ()
    assert answer.pending is not None
    assert answer.pending.state is JobState.QUEUED
    assert [each.text for each in answer.episodes] == ["I live in Rome."]
    assert await tell(rememberer, "I live in Rome.", key="k") == answer
    async with runner(journal, jobs, clock, {PENDING: rememberer.handle}):
        job = await ended(journal, answer.pending.id)
    assert (job.state, job.done) == (JobState.SUCCEEDED, 1)
    assert await known(memories) == ["Ann live in Rome"]
    assert (await the(store, "Ann live in Rome")).sources == (answer.episodes[0].id,)


async def test_what_was_put_off_is_decided_once_after_a_restart(
    journal: Journal, jobs: Jobs, clock: Calendar, memories: Memories, store: GraphStore
) -> None:
    away = Rememberer(journal, jobs, clock, extractor=None)
    pending = (await tell(away, "I live in Rome. I like tea.")).pending
    assert pending is not None
    after = Jobs(journal, clock)
    await after.take_up([ACME.organization])
    back = Rememberer(journal, after, clock, extractor=Rules())
    async with runner(journal, after, clock, {PENDING: back.handle}):
        await ended(journal, pending.id)
    assert await known(memories) == ["Ann like tea", "Ann live in Rome"]
    (page,) = await store.find(ACME, [Find(Episode)])
    assert len(page.records) == 1


async def test_what_was_put_off_and_forgotten_meanwhile_stays_forgotten(
    journal: Journal, jobs: Jobs, clock: Calendar, memories: Memories
) -> None:
    away = Rememberer(journal, jobs, clock, extractor=Rules(away=1))
    pending = (await tell(away, "I live in Rome.")).pending
    assert pending is not None
    job, scrubbing = pending.id, Forgetting(journal, jobs)
    forgotten = await scrubbing.forget_user(ACME, "ann")
    handlers = {PENDING: away.handle, FORGET_USER: scrubbing.handle}
    async with runner(journal, jobs, clock, handlers):
        await ended(journal, forgotten.record.id)
    assert await known(memories) == []
    assert job not in await journal.store.get(ACME, Job, [job])
