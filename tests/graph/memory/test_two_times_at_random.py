"""Any telling of facts, in any order: what held when, as it was known when.

The model is as plain as the promise: of the facts that are believed, the one that began last and
has not ended is what holds.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemos_graph.feed import Journal, LocalBus
from mnemos_graph.memory.facts.facts import Facts, NewFact
from mnemos_graph.memory.facts.naming import EntityRef
from mnemos_graph.model import Position, RecordId
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import GraphStore, View
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, ANN, EPOCH, day

LAST = 8
DAYS = st.integers(0, LAST)
STEPS = st.lists(
    st.tuples(st.sampled_from(["tell", "tell", "end", "invalidate"]), DAYS, st.integers(0, 9)),
    min_size=1,
    max_size=7,
)
Opened = Callable[[], AbstractAsyncContextManager[GraphStore]]


@asynccontextmanager
async def reference() -> AsyncIterator[GraphStore]:
    yield MemoryStore()


@asynccontextmanager
async def sqlite() -> AsyncIterator[GraphStore]:
    with tempfile.TemporaryDirectory() as folder:
        store = await SqliteStore.open(Path(folder))
        yield store
        await store.close()


@dataclass
class Believed:
    place: str
    began: int
    ended: int = LAST + 1


@dataclass
class Model:
    facts: dict[RecordId, Believed] = field(default_factory=dict)

    def at(self, number: int) -> list[str]:
        begun = [each for each in self.facts.values() if each.began <= number]
        if not begun:
            return []
        latest = max(each.began for each in begun)
        last = [each for each in begun if each.began == latest][-1]
        return [last.place] if number < last.ended else []

    def everywhere(self) -> list[list[str]]:
        return [self.at(number) for number in range(LAST + 1)]


async def known(facts: Facts, position: Position | None = None) -> list[list[str]]:
    views = [View(day(number), position) for number in range(LAST + 1)]
    pages = [await facts.find(ACME, view=view) for view in views]
    return [[str(each.value) for each in page.records] for page in pages]


async def step(facts: Facts, model: Model, what: tuple[str, int, int], place: str) -> Position:
    """Do one thing to both; what there is nothing to do it to is told instead."""
    kind, number, which = what
    held = list(model.facts)
    if kind == "tell" or not held:
        subject = EntityRef(name="Ann", kind="PERSON")
        new = NewFact(
            subject=subject, predicate="lives_in", value=place, scope=ANN, valid_from=day(number)
        )
        written = await facts.assert_(ACME, new)
        model.facts[written.fact.id] = Believed(place, number)
        return written.position
    id_ = held[which % len(held)]
    if kind == "invalidate":
        del model.facts[id_]
        return (await facts.invalidate(ACME, id_)).position
    model.facts[id_].ended = max(number, model.facts[id_].began)
    return (await facts.end(ACME, id_, day(model.facts[id_].ended))).position


async def scenario(opened: Opened, steps: list[tuple[str, int, int]]) -> None:
    async with opened() as store:
        facts, model = Facts(Journal(store, LocalBus()), lambda: EPOCH), Model()
        seen: list[tuple[Position, list[list[str]]]] = []
        for number, what in enumerate(steps):
            position = await step(facts, model, what, f"Place {number}")
            assert await known(facts) == model.everywhere()
            seen.append((position, model.everywhere()))
        for position, expected in seen:
            assert await known(facts, position) == expected


@pytest.mark.parametrize("opened", [reference, sqlite])
@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_what_held_and_what_was_known_are_as_the_model_says(
    opened: Opened, steps: list[tuple[str, int, int]]
) -> None:
    asyncio.run(scenario(opened, steps))
