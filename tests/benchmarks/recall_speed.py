"""How long a recall in one user's scope takes among the memories of many users.

Run it as ``python -m tests.benchmarks.recall_speed``; it prints one JSON object. Questions are
embedded by the real model; the memories' own vectors are random, which costs a scan the same.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from mnemos_graph.language.minilm import MiniLM, open_minilm
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.recall.recall import Recall
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.model import Access, Memory, OrganizationId, Scope, new_id
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, DerivedRef, Put

ACCESS = Access(OrganizationId("acme"), actor="local")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SUBJECTS = ["Ann", "Bob", "Mia", "Tom", "Zoe", "Max", "Ida", "Leo", "Eva", "Jon"]
VERBS = [
    "bought",
    "painted",
    "repaired",
    "lost",
    "found",
    "sold",
    "visited",
    "cooked",
    "planted",
    "photographed",
]
THINGS = [
    "bicycle",
    "lighthouse",
    "violin",
    "garden",
    "kettle",
    "passport",
    "telescope",
    "sofa",
    "recipe",
    "novel",
]
PLACES = ["Lisbon", "Porto", "Oslo", "Turin", "Galway", "Ghent", "Split", "Riga", "Bern", "Cadiz"]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of wall time, and of the process' processors for each question."""

    questions: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms: float


def sentence(chance: random.Random) -> str:
    who, did, thing, place = map(chance.choice, (SUBJECTS, VERBS, THINGS, PLACES))
    return f"{who} {did} a {thing} in {place} on day {chance.randrange(10_000)}."


def turn(user: int, number: int, chance: random.Random) -> Memory:
    at = BEGIN + timedelta(hours=number)
    scope = Scope(f"user-{user}", session_id=f"session-{number // 20}")
    text, speaker = sentence(chance), chance.choice(SUBJECTS[:2])
    return Memory(
        id=new_id(),
        scope=scope,
        created_at=at,
        updated_at=at,
        text=text,
        speaker=speaker,
        occurred_at=at,
    )


async def fill(store: SqliteStore, generation: str, *, users: int, each: int) -> None:
    chance, noise = random.Random(7), np.random.default_rng(7)
    for user in range(users):
        turns = [turn(user, number, chance) for number in range(each)]
        for first in range(0, each, 1_000):
            await store.commit(ACCESS, ChangeSet(tuple(map(Put, turns[first : first + 1_000]))))
        rows = noise.standard_normal((each, MiniLM.dimensions)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        refs = (DerivedRef(memory.id, memory.version, generation) for memory in turns)
        await store.derive(
            ACCESS,
            {ref: row.astype(np.float16).tobytes() for ref, row in zip(refs, rows, strict=True)},
        )


async def ask(recall: Recall, questions: list[Question]) -> Times:
    """Ask one after the other."""
    cpu, walls = time.process_time(), list[float]()
    for question in questions:
        began = time.perf_counter()
        await recall.recall(ACCESS, question)
        walls.append((time.perf_counter() - began) * 1_000)
    cpu = (time.process_time() - cpu) * 1_000 / len(questions)
    p50, p95, p99 = (round(float(np.percentile(walls, share)), 2) for share in (50, 95, 99))
    return Times(len(questions), p50, p95, p99, round(cpu, 2))


def asked(count: int, users: Callable[[], int], chance: random.Random) -> list[Question]:
    return [
        Question(
            text=f"What did {chance.choice(SUBJECTS)} do with the {chance.choice(THINGS)} "
            f"in {chance.choice(PLACES)} before day {number}?",
            scope=ReadScope(user_id=f"user-{users()}"),
        )
        for number in range(count)
    ]


async def main(*, users: int, each: int, questions: int, folder: Path | None) -> dict[str, object]:
    """Return times of first questions, of new questions, and of questions that were asked before."""
    chance = random.Random(11)
    with tempfile.TemporaryDirectory(dir=folder) as apart:
        store = await SqliteStore.open(Path(apart))
        await fill(store, MiniLM.generation, users=users, each=each)
        parts = Parts(store=store)
        async with open_minilm() as model, open_services(parts) as warming:
            await ask(warming.recall, asked(3, lambda: 0, chance))
            async with open_services(Parts(store=store, embedder=model)) as services:
                order = iter(chance.sample(range(users), users))
                first = asked(min(users, questions), lambda: next(order), chance)
                known = [int(str(q.scope.user_id).removeprefix("user-")) for q in first]
                again = asked(questions, lambda: chance.choice(known), chance)
                figures = {
                    "index_not_yet_built": asdict(await ask(services.recall, first)),
                    "question_embedded": asdict(await ask(services.recall, again)),
                    "embedding_cached": asdict(await ask(services.recall, again)),
                }
        await store.close()
    return {
        "what": "recall in one user's scope, one question at a time",
        "memories": users * each,
        "users": users,
        **figures,
        "load": os.getloadavg()[0],
    }


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--users", type=int, default=1_000)
    options.add_argument("--each", type=int, default=100, help="memories of each user")
    options.add_argument("--questions", type=int, default=1_000)
    options.add_argument("--folder", type=Path, help="where the disk to measure is mounted")
    print(json.dumps(asyncio.run(main(**vars(options.parse_args())))))  # noqa: T201 - its output
