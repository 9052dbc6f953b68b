"""How many commits a second the SQLite store makes durable, beside one transaction for each.

Run it as ``python -m tests.benchmarks.commits``; it prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from mnemos_graph.model import Access, Entity, Fact, Memory, OrganizationId, Scope, new_id
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Put

ACCESS = Access(OrganizationId("acme"), actor="local")


@dataclass(frozen=True, slots=True)
class Figures:
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


async def measure(folder: Path, *, callers: int, commits: int) -> Figures:
    """Let ``callers`` commit at the same time; one caller is one transaction for each commit."""
    store = await SqliteStore.open(folder)
    sets = [made(number) for number in range(commits)]

    async def call() -> None:
        while sets:
            await store.commit(ACCESS, sets.pop())

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(call() for _ in range(callers)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    await store.close()
    return Figures(callers, commits, round(commits / wall, 1), round(cpu / commits * 1e6, 1))


async def main(*, callers: int, commits: int, folder: Path | None) -> dict[str, object]:
    """Return the figures of many callers and of one, and how many times better many are."""
    with tempfile.TemporaryDirectory(dir=folder) as apart:
        for name in ("alone", "together"):
            (Path(apart) / name).mkdir()
        alone = await measure(Path(apart) / "alone", callers=1, commits=max(1, commits // 10))
        together = await measure(Path(apart) / "together", callers=callers, commits=commits)
    return {
        "what": "commits of 1 memory, 2 entities and 2 facts, synchronous=FULL",
        "together": asdict(together),
        "one_transaction_each": asdict(alone),
        "ratio": round(together.per_second / alone.per_second, 1),
        "load": os.getloadavg()[0],
    }


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--callers", type=int, default=32)
    options.add_argument("--commits", type=int, default=5_000)
    options.add_argument("--folder", type=Path, help="where the disk to measure is mounted")
    print(json.dumps(asyncio.run(main(**vars(options.parse_args())))))  # noqa: T201 - its output
