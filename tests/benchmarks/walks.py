"""Two hops from an entity, beside the same walk as one plain join that SQLite orders itself."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mnemos_graph.model import (
    Access,
    Entity,
    Fact,
    OrganizationId,
    Record,
    RecordId,
    Scope,
    new_id,
)
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Put, View
from tests.benchmarks.figures import Figure, percentile, settle

ABOUT = "Two hops over 100,000 entities and 300,000 facts"
ENTITIES, FACTS, WALKS = 100_000, 300_000, 300
ACCESS = Access(OrganizationId("acme"), actor="local")
NOW = datetime.now(UTC)
_JOIN = """
SELECT one.id, two.id FROM fact AS one JOIN fact AS two
ON two.org = one.org AND (two.subject_id = one.object_id OR two.object_id = one.object_id)
WHERE one.subject_id = ? AND one.died IS NULL AND two.died IS NULL
"""


def people() -> Iterator[Entity]:
    for number in range(ENTITIES):
        yield Entity(
            id=new_id(),
            scope=Scope("ann"),
            created_at=NOW,
            updated_at=NOW,
            name=f"Person {number}",
        )


def bonds(entities: Sequence[Entity], chance: random.Random) -> Iterator[Fact]:
    for number in range(FACTS):
        one, other = chance.choice(entities), chance.choice(entities)
        yield Fact(
            id=new_id(),
            scope=Scope("ann"),
            created_at=NOW,
            updated_at=NOW,
            subject_id=one.id,
            object_id=other.id,
            predicate=f"knows_{number}",
            statement=f"{one.name} knows {other.name}.",
        )


async def keep(store: SqliteStore, records: Sequence[Record]) -> None:
    for start in range(0, len(records), 1_000):
        puts = tuple(Put(each) for each in records[start : start + 1_000])
        await store.commit(ACCESS, ChangeSet(puts))


async def walked(store: SqliteStore, starts: Sequence[RecordId]) -> list[float]:
    """Milliseconds of processor time of each walk, whichever thread it ran on."""
    times = []
    for start in starts:
        began = time.process_time()
        await store.neighbours(ACCESS, [start], view=View(NOW), hops=2, limit=200)
        times.append((time.process_time() - began) * 1e3)
    return times


def joined(database: sqlite3.Connection, starts: Sequence[RecordId]) -> list[float]:
    times = []
    for start in starts:
        began = time.process_time()
        database.execute(_JOIN, (start,)).fetchall()
        times.append((time.process_time() - began) * 1e3)
    return times


async def figures(folder: Path) -> list[Figure]:
    chance = random.Random(1)
    store = await SqliteStore.open(folder)
    entities = list(people())
    await keep(store, entities)
    await keep(store, list(bonds(entities, chance)))
    starts = [each.id for each in chance.sample(entities, WALKS)]
    del entities
    settle()
    await walked(store, starts[:50])
    times = await walked(store, starts)
    await store.close()
    database = sqlite3.connect(folder / "mnemos.db")
    plain = joined(database, starts[:20])
    database.close()
    return [
        Figure(
            what="two hops, entities and facts read whole, p50 of processor time",
            value=percentile(times, 0.5),
            unit="ms",
            goal="≤ 1 ms",
            baseline="the ids alone by a plain join",
            baseline_value=percentile(plain, 0.5),
        ),
        Figure(what="the same, p95", value=percentile(times, 0.95), unit="ms"),
    ]
