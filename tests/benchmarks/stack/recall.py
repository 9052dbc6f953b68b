"""How long a recall takes in warm partitions of 1,000 memories, among 100,000."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mnemos.part_url import PartUrl
from mnemos.settings import Settings
from mnemos_graph.memory.recall.asking import Question
from tests.benchmarks.figures import Figure, percentile, settle
from tests.benchmarks.recall_speed import ask, asked
from tests.benchmarks.stack.filled import ACCESS, filled
from tests.benchmarks.stack.servers import memory
from tests.benchmarks.stack.trips import counted

ABOUT = "Stack: recall in warm partitions of 1,000 memories, among 100,000"
WARM, QUESTIONS = 20, 400


@dataclass(frozen=True, slots=True)
class Asked:
    millis: Sequence[float]
    again: Sequence[float]
    """Of the same questions, whose embeddings are known."""


def questions(count: int, seed: int) -> list[Question]:
    """Return new questions about users whose partitions are warm."""
    chance = random.Random(seed)
    return [
        replace(each, text=f"{each.text} {seed}")
        for each in asked(count, lambda: chance.randrange(WARM), chance)
    ]


def warming() -> list[Question]:
    users = iter([*range(WARM)] * 3)
    return asked(WARM * 3, lambda: next(users), random.Random(1))


async def measured(settings: Settings) -> Asked:
    async with memory(settings) as (services, _):
        await ask(ACCESS, services.recall, warming())
        await ask(ACCESS, services.recall, questions(QUESTIONS // 4, 2))
        settle()
        told = questions(QUESTIONS, 3)
        return Asked(
            await ask(ACCESS, services.recall, told), await ask(ACCESS, services.recall, told)
        )


async def round_trips(settings: Settings, port: int) -> float:
    """Return those to Neo4j for each recall, whatever else the process asks meanwhile included."""
    async with counted(port) as trips:
        whole = settings.store.whole.replace(f":{port}", f":{trips.port}")
        async with memory(replace(settings, store=PartUrl(whole))) as (services, _):
            await ask(ACCESS, services.recall, warming())
            made = trips.made
            await ask(ACCESS, services.recall, questions(QUESTIONS, 4))
            return (trips.made - made) / QUESTIONS


async def figures(folder: Path) -> list[Figure]:
    async with filled(folder) as kept:
        settings = kept.stack.settings(folder / "settings")
        stack = await measured(settings)
        trips = await round_trips(settings, kept.stack.neo4j.port)
        own = await measured(kept.own)
    return [
        *told("the question is embedded", stack.millis, own.millis, "≤ 40 ms"),
        *told("its embedding is known", stack.again, own.again, ""),
        Figure(
            what="Bolt round trips for each, checks of the log's end included",
            value=trips,
            unit="",
            goal="≤ 1",
        ),
    ]


def told(what: str, stack: Sequence[float], own: Sequence[float], goal: str) -> list[Figure]:
    return [
        Figure(
            what=f"{what}, p{share * 100:.0f}",
            value=percentile(stack, share),
            unit="ms",
            goal=goal if share > 0.5 else "",
            baseline="embedded",
            baseline_value=percentile(own, share),
        )
        for share in (0.5, 0.95)
    ]
