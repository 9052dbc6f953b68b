"""How long a recall in one user's scope takes among the memories of many users.

Questions are embedded by the real model; the memories' own vectors are random, which costs a scan
the same.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.language.minilm import MiniLM, open_minilm
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.recall.recall import Recall
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.model import Access, Memory, OrganizationId, Scope, new_id
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, DerivedRef, Put
from tests.benchmarks.figures import Figure, percentile

ABOUT = "Recall in one user's scope, among 100,000 memories of 1,000 users"
USERS, EACH, QUESTIONS, HITS = 1_000, 100, 500, 10
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


async def fill(store: SqliteStore, generation: str) -> NDArray[np.float32]:
    """Keep everybody's memories with their vectors, and return the vectors as one table."""
    chance, noise, table = random.Random(7), np.random.default_rng(7), []
    for user in range(USERS):
        turns = [turn(user, number, chance) for number in range(EACH)]
        await store.commit(ACCESS, ChangeSet(tuple(map(Put, turns))))
        rows = noise.standard_normal((EACH, MiniLM.dimensions)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        refs = (DerivedRef(memory.id, memory.version, generation) for memory in turns)
        await store.derive(
            ACCESS,
            {ref: row.astype(np.float16).tobytes() for ref, row in zip(refs, rows, strict=True)},
        )
        table.append(rows)
    return np.concatenate(table)


async def ask(access: Access, recall: Recall, questions: Sequence[Question]) -> list[float]:
    """Ask one after the other, and return the milliseconds of each."""
    taken = []
    for question in questions:
        began = time.perf_counter()
        await recall.recall(access, question)
        taken.append((time.perf_counter() - began) * 1e3)
    return taken


async def scan(
    model: MiniLM, table: NDArray[np.float32], questions: Sequence[Question]
) -> list[float]:
    """Look through every vector for each question, and return the milliseconds of each."""
    taken = []
    for question in questions:
        began = time.perf_counter()
        (embedding,) = await model.embed([question.text], urgent=True)
        scores = table @ embedding[0]
        best = np.argpartition(scores, -HITS)[-HITS:]
        best[np.argsort(-scores[best])].tolist()
        taken.append((time.perf_counter() - began) * 1e3)
    return taken


def asked(count: int, users: Callable[[], int], chance: random.Random) -> list[Question]:
    return [
        Question(
            text=f"What did {chance.choice(SUBJECTS)} do with the {chance.choice(THINGS)} "
            f"in {chance.choice(PLACES)} before day {number}?",
            scope=ReadScope(user_id=f"user-{users()}"),
        )
        for number in range(count)
    ]


def told(
    what: str, taken: Sequence[float], plain: Sequence[float], goals: Sequence[str]
) -> list[Figure]:
    return [
        Figure(
            what=f"{what}, p{share * 100:.0f}",
            value=percentile(taken, share),
            unit="ms",
            goal=goal,
            baseline="an exact scan of all vectors",
            baseline_value=percentile(plain, share),
        )
        for share, goal in zip((0.5, 0.95), goals, strict=True)
    ]


async def figures(folder: Path) -> list[Figure]:
    chance = random.Random(11)
    store = await SqliteStore.open(folder)
    table = await fill(store, MiniLM.generation)
    async with (
        open_minilm() as model,
        open_services(Parts(store=store, embedder=model)) as services,
    ):
        order = iter(chance.sample(range(USERS), USERS))
        first = asked(QUESTIONS, lambda: next(order), chance)
        known = [int(str(each.scope.user_id).removeprefix("user-")) for each in first]
        again = asked(QUESTIONS, lambda: chance.choice(known), chance)
        await ask(ACCESS, services.recall, first)
        new = await ask(ACCESS, services.recall, again)
        cached = await ask(ACCESS, services.recall, again)
        scanned_cached = await scan(model, table, again)
        model.forget()
        scanned = await scan(model, table, again)
    await store.close()
    return [
        *told("the question is embedded", new, scanned, ("≤ 15 ms", "≤ 50 ms")),
        *told("its embedding is known", cached, scanned_cached, ("", "≤ 15 ms")),
    ]
