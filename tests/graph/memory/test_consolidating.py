"""The loop looks where it has become quiet, never twice at the same, and stops in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mnemos_graph.errors import BadInput
from mnemos_graph.feed import Journal
from mnemos_graph.memory.consolidating import consolidating
from mnemos_graph.memory.consolidating.backlog import ACTOR, QUIET, Backlog
from mnemos_graph.memory.consolidating.consolidating import CONSOLIDATE, Consolidating
from mnemos_graph.memory.consolidating.passes import Passes
from mnemos_graph.memory.forget import FORGET_USER, Forgetting
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.jobs.runner import Runner
from mnemos_graph.memory.records.memories import Memories, MemoryChange
from mnemos_graph.model import (
    START,
    Change,
    ChangeKind,
    Job,
    JobState,
    Memory,
    OrganizationId,
    Position,
    RecordId,
    RecordKind,
    Scope,
)
from mnemos_graph.store import Find, GraphStore
from tests.conformance.samples import ACME, ANN, BOB, EPOCH
from tests.graph.memory.passing import AllAlike, arrived, position
from tests.graph.memory.telling import known
from tests.waiting import until

ADORES, LOVES = "Ann adores hiking in the Alps.", "Ann loves hiking in the Alps."


async def organizations() -> list[OrganizationId]:
    return [ACME.organization]


class LogClock:
    """Runs as far ahead of the log's own clock as it was moved."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def later() -> LogClock:
    return LogClock()


@pytest.fixture
def loop(journal: Journal, jobs: Jobs, later: LogClock) -> Consolidating:
    return loop_over(journal, jobs, later)


def loop_over(journal: Journal, jobs: Jobs, clock: LogClock) -> Consolidating:
    passes = Passes(journal, clock, AllAlike())
    return Consolidating(journal.store, jobs, passes, clock, organizations)


async def test_what_changed_is_looked_at_once_it_is_quiet(
    store: GraphStore, loop: Consolidating, later: LogClock, memories: Memories
) -> None:
    await arrived(store, LOVES)
    await arrived(store, ADORES)
    assert await loop.look() == 0
    assert loop.standing.waiting == 2
    later.ahead = QUIET
    assert await loop.look() == 1
    assert await known(memories) == [LOVES]
    assert (loop.standing.repeats, loop.standing.waiting) == (1, 0)


async def test_an_unchanged_organization_is_not_written_to(
    store: GraphStore, loop: Consolidating, later: LogClock
) -> None:
    await arrived(store, LOVES)
    await arrived(store, ADORES)
    later.ahead = QUIET
    await loop.look()
    before = await position(store)
    assert [await loop.look() for _ in range(3)] == [0, 0, 0]
    assert await position(store) == before


async def test_a_restart_misses_nothing_that_waits(
    store: GraphStore, journal: Journal, jobs: Jobs, later: LogClock
) -> None:
    await arrived(store, LOVES, scope=BOB)
    await arrived(store, ADORES, scope=BOB)
    assert await loop_over(journal, jobs, later).look() == 0
    later.ahead = QUIET
    assert await loop_over(journal, jobs, later).look() == 1
    assert await loop_over(journal, jobs, later).look() == 0


def changed(
    position: int, at: float, scope: Scope | None = ANN, *, actor: str = "tester"
) -> Change:
    """Return an entry of the log: a memory written ``at`` so many minutes."""
    return Change(
        Position(position),
        Position(position),
        ChangeKind.CREATED,
        RecordKind.MEMORY,
        RecordId(f"memory-{position}"),
        1,
        scope,
        actor,
        EPOCH + timedelta(minutes=at),
    )


def quiet(backlog: Backlog, minutes: float) -> list[str]:
    found = backlog.quiet(EPOCH + timedelta(minutes=minutes))
    return [each.scope.user_id or "" for each in found]


def test_one_who_never_stops_writing_does_not_hold_up_others() -> None:
    backlog = Backlog(START)
    backlog.take([changed(1, 0), changed(2, 0, BOB), changed(3, 14)])
    assert quiet(backlog, 20) == ["bob"]
    (bobs,) = backlog.quiet(EPOCH + timedelta(minutes=20))
    backlog.done(bobs)
    assert (backlog.position, backlog.read) == (0, 3)
    backlog.take([changed(n, n * 5) for n in range(4, 80)])
    assert quiet(backlog, 80 * 5) == ["ann"], "it has waited for hours"


def test_nothing_is_looked_at_for_its_own_changes_or_what_was_erased() -> None:
    backlog = Backlog(START)
    backlog.take([changed(1, 0, actor=ACTOR), changed(2, 0, None)])
    assert (quiet(backlog, 99), backlog.position) == ([], 2)


@pytest.mark.parametrize("records", [1, 2, 3])
async def test_a_look_that_is_spent_goes_on_the_next_time(
    store: GraphStore,
    loop: Consolidating,
    later: LogClock,
    monkeypatch: pytest.MonkeyPatch,
    records: int,
) -> None:
    monkeypatch.setattr(consolidating, "MOST_RECORDS", records)
    for scope in (ANN, BOB):
        await arrived(store, LOVES, scope=scope)
        await arrived(store, ADORES, scope=scope)
    later.ahead = QUIET
    assert sum([await loop.look() for _ in range(4)]) == 2
    assert loop.standing.waiting == 0


async def test_what_is_changed_later_is_looked_at_again(
    store: GraphStore, loop: Consolidating, later: LogClock, memories: Memories
) -> None:
    first = await arrived(store, "Ann hates hiking in the Alps.")
    await arrived(store, LOVES)
    later.ahead = QUIET
    assert await loop.look() == 0
    await memories.update(ACME, first.id, MemoryChange(text=ADORES))
    later.ahead = 2 * QUIET
    assert await loop.look() == 1


async def test_a_partition_that_is_forgotten_stays_empty(
    store: GraphStore, loop: Consolidating, later: LogClock, journal: Journal, jobs: Jobs
) -> None:
    await arrived(store, LOVES)
    await arrived(store, ADORES)
    await loop.look()
    forgetting = Forgetting(journal, jobs)
    async with Runner(journal, jobs, {FORGET_USER: forgetting.handle}, later) as runner:
        await forgetting.forget_user(ACME, "ann")
        await until(lambda: runner.written > 0)
    later.ahead = QUIET
    assert await loop.look() == 0
    (page,) = await store.find(ACME, [Find(Memory)])
    assert not page.records


async def test_it_is_done_at_once_where_somebody_asks(
    store: GraphStore, loop: Consolidating, later: LogClock, journal: Journal, jobs: Jobs
) -> None:
    for scope in (ANN, BOB):
        await arrived(store, LOVES, scope=scope)
        await arrived(store, ADORES, scope=scope)
    async with Runner(journal, jobs, {CONSOLIDATE: loop.handle}, later) as runner:
        job = (await loop.consolidate(ACME, ANN)).record
        await until(lambda: runner.written == 1)
        again = (await loop.consolidate(ACME, ANN)).record
        await until(lambda: runner.written == 2)
    found = await store.get(ACME, Job, [job.id, again.id])
    states = [(found[each.id].state, found[each.id].done) for each in (job, again)]
    assert states == [(JobState.SUCCEEDED, 1), (JobState.SUCCEEDED, 0)]


@pytest.mark.parametrize("scope", [Scope("ann", "helper"), Scope("ann", session_id="s")])
async def test_less_than_a_partition_is_refused(loop: Consolidating, scope: Scope) -> None:
    with pytest.raises(BadInput, match="Give userId alone"):
        await loop.consolidate(ACME, scope)
