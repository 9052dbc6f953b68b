"""What the record cache saves: calls to the store, and the time that they take.

Both ways stand over the same SQLite file, so the time says what the cache itself costs; over a
remote store each call that is saved is worth more.
"""

from __future__ import annotations

import random
import time
import tracemalloc
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnemos_graph.cache.opening import Cache, open_cache
from mnemos_graph.feed import Feed, LocalBus
from mnemos_graph.index.reading import NO_GENERATION
from mnemos_graph.index.shelf import Shelf
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.recall.recall import Recall
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.model import Access, Entity, Memory, OrganizationId, RecordId, Scope, new_id
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, GraphStore, Put
from tests.benchmarks.figures import Figure
from tests.benchmarks.recall_speed import BEGIN, PLACES, SUBJECTS, sentence

ABOUT = "The record cache: recall by text and graph in one user's scope, of 100 users"
USERS, MEMORIES, QUESTIONS, GETS = 100, 100, 300, 2_000
ACCESS = Access(OrganizationId("acme"), actor="local")


class Counted:
    """A store whose calls are counted."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def call(*given: Any, **named: Any) -> Any:
            self.calls[name] += 1
            return method(*given, **named)

        return call


@dataclass(frozen=True)
class Way:
    """One way to the store, with recall over it."""

    store: GraphStore
    recall: Recall


async def fill(store: GraphStore) -> list[RecordId]:
    """Keep everybody's memories and the people in them; return the memories' ids."""
    chance, kept = random.Random(7), list[RecordId]()
    for user in range(USERS):
        scope = Scope(f"user-{user}")
        people = [_entity(name, scope) for name in SUBJECTS]
        told = [_memory(sentence(chance), scope, people) for _ in range(MEMORIES)]
        await store.commit(ACCESS, ChangeSet(tuple(map(Put, (*people, *told)))))
        kept += [each.id for each in told]
    return kept


def _entity(name: str, scope: Scope) -> Entity:
    return Entity(
        id=new_id(), scope=scope, created_at=BEGIN, updated_at=BEGIN, name=name, kind="PERSON"
    )


def _memory(text: str, scope: Scope, people: Sequence[Entity]) -> Memory:
    about = tuple(each.id for each in people if text.startswith(each.name))
    return Memory(
        id=new_id(), scope=scope, created_at=BEGIN, updated_at=BEGIN, text=text, entity_ids=about
    )


def asked(count: int, chance: random.Random) -> list[Question]:
    return [
        Question(
            text=f"What did {chance.choice(SUBJECTS)} do in {chance.choice(PLACES)} on {number}?",
            scope=ReadScope(user_id=f"user-{number % USERS}"),
        )
        for number in range(count)
    ]


async def milliseconds(recall: Recall, questions: Sequence[Question]) -> float:
    """Return the CPU that one recall takes, in all threads."""
    began = time.process_time()
    for question in questions:
        await recall.recall(ACCESS, question)
    return (time.process_time() - began) / len(questions) * 1e3


async def microseconds(store: GraphStore, ids: Sequence[RecordId]) -> float:
    """Return the CPU that one ``get`` of ten records takes."""
    chance = random.Random(3)
    picked = [chance.sample(ids, 10) for _ in range(GETS)]
    began = time.process_time()
    for each in picked:
        await store.get(ACCESS, Memory, each)
    return (time.process_time() - began) / GETS * 1e6


@asynccontextmanager
async def way(store: GraphStore) -> AsyncGenerator[Way, None]:
    async with Shelf(store, NO_GENERATION) as shelf:
        yield Way(store, Recall(store, shelf, None, lambda: BEGIN))


async def grown(store: GraphStore, cache: Cache, ids: Sequence[RecordId]) -> tuple[float, float]:
    """Return the bytes that the cache says it took for these records, and those that it did take."""
    tracemalloc.start()
    said, before = cache.nbytes, tracemalloc.get_traced_memory()[0]
    await store.get(ACCESS, Memory, ids)
    await cache.settle()
    took = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return (cache.nbytes - said) / len(ids), took / len(ids)


async def figures(folder: Path) -> list[Figure]:
    inner = await SqliteStore.open(folder)
    ids, chance = await fill(inner), random.Random(11)
    counted: Any = Counted(inner)
    async with Feed(counted, LocalBus()) as feed, open_cache(counted, feed) as cache:
        await cache.store.heads([ACCESS])
        said, took = await grown(cache.store, cache, ids[:5_000])
        async with way(cache.store) as through, way(counted) as plain:
            for each in (through, plain):
                await milliseconds(each.recall, asked(USERS, chance))
            await cache.settle()
            again = asked(QUESTIONS, chance)
            await milliseconds(through.recall, again)
            await cache.settle()
            found = []
            for each in (through, plain):
                counted.calls.clear()
                taken = await milliseconds(each.recall, asked(QUESTIONS, random.Random(5)))
                found.append((taken, sum(counted.calls.values()) / QUESTIONS))
            hit = await microseconds(cache.store, ids[:5_000])
            read = await microseconds(counted, ids[:5_000])
    await inner.close()
    return _told(found, hit, read, said, took)


def _told(
    found: Sequence[tuple[float, float]], hit: float, read: float, said: float, took: float
) -> list[Figure]:
    (cached, few), (uncached, many) = found
    without = "without the cache"
    return [
        Figure(
            what="calls to the store for a recall, the heads' check of every second included",
            value=few,
            unit="calls",
            goal="≤ 1 and the check",
            baseline=without,
            baseline_value=many,
        ),
        Figure(
            what="CPU of a recall",
            value=cached,
            unit="ms",
            baseline=without,
            baseline_value=uncached,
        ),
        Figure(
            what="CPU of ten records by id",
            value=hit,
            unit="µs",
            baseline=without,
            baseline_value=read,
        ),
        Figure(
            what="a memory of 50 characters, as the cache weighs it",
            value=said,
            unit="bytes",
            baseline="as the allocator saw it",
            baseline_value=took,
        ),
    ]
