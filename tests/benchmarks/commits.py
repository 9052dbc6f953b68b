"""How many commits a second the SQLite store makes durable, beside one transaction for each."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mnemos_graph.model import Access, Entity, Fact, Memory, OrganizationId, Scope, new_id
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Put
from tests.benchmarks.figures import Figure, settle

ABOUT = "Durable commits of 1 memory, 2 entities and 2 facts on SQLite"
CALLERS = 32
COMMITS = 5_000
_ALONE = "one transaction each, of one caller who waits for it"
ACCESS = Access(OrganizationId("acme"), actor="local")


@dataclass(frozen=True, slots=True)
class Rate:
    callers: int
    commits: int
    per_second: float
    cpu_micros_each: float


def made(number: int) -> ChangeSet:
    """Return one memory, its two entities and its two facts."""
    now, scope = datetime.now(UTC), Scope(user_id=f"user-{number % 100}", session_id="s1")
    ann, place = (
        Entity(id=new_id(), scope=scope, created_at=now, updated_at=now, name=name, kind="TOPIC")
        for name in (f"Ann Example {number}", f"Springfield {number}")
    )
    facts = [
        Fact(
            id=new_id(),
            scope=scope,
            created_at=now,
            updated_at=now,
            subject_id=ann.id,
            predicate=predicate,
            object_id=place.id,
            statement=f"Ann Example {number} {words} Springfield {number}.",
            valid_from=now,
        )
        for predicate, words in (("lives_in", "lives in"), ("works_in", "has worked in"))
    ]
    memory = Memory(
        id=new_id(),
        scope=scope,
        created_at=now,
        updated_at=now,
        text=f"Ann Example {number} moved to Springfield {number} and found work at the harbour.",
        tags=("move", "work"),
        metadata={"channel": "chat"},
        entity_ids=(ann.id, place.id),
        fact_ids=tuple(fact.id for fact in facts),
    )
    return ChangeSet(tuple(Put(record) for record in (ann, place, *facts, memory)))


async def measure(folder: Path, *, callers: int, commits: int) -> Rate:
    """Let ``callers`` commit at the same time; one caller is one transaction for each commit."""
    store = await SqliteStore.open(folder)
    sets = iter([made(number) for number in range(commits)])
    settle()

    async def call() -> None:
        for change_set in sets:
            await store.commit(ACCESS, change_set)

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(call() for _ in range(callers)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    await store.close()
    return Rate(callers, commits, round(commits / wall, 1), round(cpu / commits * 1e6, 1))


async def figures(folder: Path) -> list[Figure]:
    for name in ("alone", "together"):
        (folder / name).mkdir()
    alone = await measure(folder / "alone", callers=1, commits=COMMITS)
    together = await measure(folder / "together", callers=CALLERS, commits=COMMITS)
    return [
        Figure(
            what=f"whole records, {CALLERS} callers, synchronous=FULL",
            value=together.per_second,
            unit="commits/s",
            goal="≥ 1,000/s and ≥ 4 × one transaction each",
            baseline=_ALONE,
            baseline_value=alone.per_second,
        ),
        Figure(
            what="processor time for each",
            value=together.cpu_micros_each,
            unit="µs",
            baseline=_ALONE,
            baseline_value=alone.cpu_micros_each,
        ),
    ]
