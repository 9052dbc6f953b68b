"""100,000 memories with their vectors and a graph of people, in Neo4j and in SQLite.

Made once and kept in ``.cache``; each benchmark works on a copy.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mnemos.settings import Settings
from mnemos.wiring import open_store
from mnemos_graph.identity import LOCAL
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.model import Access, Entity, Fact, Record, RecordId, Scope, new_id
from mnemos_graph.store import ChangeSet, DerivedRef, Find, GraphStore, Put
from tests.benchmarks.recall_speed import BEGIN, turn
from tests.benchmarks.stack.known import KnownReadings, directions, tokens
from tests.benchmarks.stack.servers import NONE, Stack, servers

USERS, EACH = 100, 1_000
TOKENS = 11
"""Of each memory: as many as the model finds in such sentences."""
PEOPLE, BONDS = 5_000, 35_000
"""So that about 200 people are within two hops of each."""
CROWD = Scope("crowd")
ACCESS = Access(LOCAL.id, actor="local")
_AT_ONCE, _SIDE_BY_SIDE = 500, 3
_KEPT = Path(__file__).parents[3] / ".cache"
_DIGEST = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Filled:
    """The servers and a data folder, both with the same in them."""

    stack: Stack
    own: Settings
    """Of the program that keeps everything within it."""


@asynccontextmanager
async def filled(folder: Path) -> AsyncGenerator[Filled, None]:
    """Start the servers over what was made, which takes minutes where it is made first.

    Raises:
        LeftOut: a program is not installed.
    """
    kept = _KEPT / f"bench-stack-{_DIGEST}"
    if not kept.exists():
        await _make(kept)
    await asyncio.to_thread(shutil.copytree, kept, folder / "kept")
    own = Settings(data=folder / "kept" / "own", vectors=NONE)
    async with servers(folder / "servers", neo4j=folder / "kept" / "neo4j") as stack:
        yield Filled(stack, own)


async def people(store: GraphStore, count: int) -> Sequence[RecordId]:
    """Return some of the people in the graph."""
    (page,) = await store.find(ACCESS, [Find(Entity, first=count)])
    return [each.id for each in page.records]


async def _make(kept: Path) -> None:
    print(f"making {kept} once; this takes minutes", flush=True)  # noqa: T201
    making = kept.with_suffix(".making")
    await asyncio.to_thread(shutil.rmtree, making, ignore_errors=True)
    (making / "own").mkdir(parents=True)
    async with servers(making / "servers", neo4j=making / "neo4j") as stack:
        remote = replace(stack.settings(making / "settings"), embedder=NONE)
        for settings in (remote, Settings(data=making / "own")):
            async with open_store(settings) as store:
                await _fill(store)
        await asyncio.to_thread(stack.neo4j.restart)  # recovers now, and not again at each start
    await asyncio.to_thread(shutil.rmtree, making / "servers")
    making.rename(kept)


async def _fill(store: Any) -> None:
    chance = random.Random(7)
    vectors = iter(directions(USERS * EACH).astype("float16"))

    async def memories(user: int) -> None:
        turns = [turn(user, number, chance) for number in range(EACH)]
        await _kept(store, turns)
        kinds = KnownReadings.generation, KnownReadings.token_generation
        refs = [[DerivedRef(each.id, each.version, kind) for each in turns] for kind in kinds]
        await store.derive(ACCESS, {ref: next(vectors).tobytes() for ref in refs[0]})
        rows = tokens(EACH * TOKENS, seed=user).reshape(EACH, -1)
        await store.derive(
            ACCESS, {ref: row.tobytes() for ref, row in zip(refs[1], rows, strict=True)}
        )

    await _side_by_side(memories, range(USERS))
    crowd = list(_people())
    await _kept(store, crowd)
    await _kept(store, list(_bonds(crowd, chance)))
    # The follower of vectors notes how far it has looked, as it would have from the start.
    parts = Parts(store=store, embedder=KnownReadings(()), extractor=None)
    async with open_services(parts) as services:
        (head,) = await store.heads([ACCESS])
        assert services.indexer is not None
        await services.indexer.passed(ACCESS.organization, head.position)


async def _side_by_side(do: Callable[[int], Awaitable[None]], numbers: Sequence[int]) -> None:
    left = list(numbers)

    async def one_after_the_other() -> None:
        while left:
            await do(left.pop())

    await asyncio.gather(*(one_after_the_other() for _ in range(_SIDE_BY_SIDE)))


async def _kept(store: GraphStore, records: Sequence[Record]) -> None:
    for start in range(0, len(records), _AT_ONCE):
        puts = tuple(Put(each) for each in records[start : start + _AT_ONCE])
        await store.commit(ACCESS, ChangeSet(puts))


def _people() -> Iterator[Entity]:
    for number in range(PEOPLE):
        yield Entity(
            id=new_id(),
            scope=CROWD,
            created_at=BEGIN,
            updated_at=BEGIN,
            name=f"Person {number}",
            kind="PERSON",
        )


def _bonds(crowd: Sequence[Entity], chance: random.Random) -> Iterator[Fact]:
    for number in range(BONDS):
        one, other = chance.sample(crowd, 2)
        yield Fact(
            id=new_id(),
            scope=CROWD,
            created_at=BEGIN,
            updated_at=BEGIN,
            subject_id=one.id,
            object_id=other.id,
            predicate=f"knows_{number}",
            statement=f"{one.name} knows {other.name}.",
        )
