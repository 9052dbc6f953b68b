"""How many tellings a second are kept word for word, each durable and found by vector."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mnemos.settings import Settings
from mnemos_graph.identity import LOCAL
from mnemos_graph.language.embedder import Embedder
from mnemos_graph.memory.remember.telling import Telling
from mnemos_graph.memory.services import Services
from mnemos_graph.model import Access, Scope
from tests.benchmarks.figures import Figure, settle
from tests.benchmarks.remember import sentence
from tests.benchmarks.stack.known import KnownVectors
from tests.benchmarks.stack.servers import Stack, Used, memory, servers

ABOUT = "Stack: verbatim `remember` by 32 callers, through the services of one process"
CALLERS = 32
WARM, EMBEDDED, KNOWN = 600, 1_000, 4_000
ACCESS = Access(LOCAL.id, actor="local")


@dataclass(frozen=True, slots=True)
class Pace:
    per_second: float
    millis: Mapping[str, float]
    """Processor time for each, by process."""


async def told(services: Services, texts: Sequence[str]) -> None:
    """Have all callers tell until nothing is left, each of a user of its own."""
    left = list(texts)

    async def call(number: int) -> None:
        while left:
            telling = Telling(scope=Scope(f"user-{number}"), text=left.pop(), infer=False)
            await services.rememberer.remember(ACCESS, telling)

    await asyncio.gather(*map(call, range(CALLERS)))


async def pace(
    settings: Settings, count: int, pids: Mapping[str, int], embedder: Embedder | None = None
) -> Pace:
    async with memory(settings, embedder) as (services, _):
        await told(services, [sentence(-number) for number in range(1, WARM)])
        settle()
        used = Used(pids)
        await told(services, [sentence(number) for number in range(count)])
        elapsed, spent = used.elapsed, used.seconds()
    return Pace(count / elapsed, {name: each / count * 1e3 for name, each in spent.items()})


async def figures(folder: Path) -> list[Figure]:
    async with servers(folder / "servers") as stack:
        embedded = await both(folder / "embedding", stack, EMBEDDED)
        known = KnownVectors(sentence(number) for number in range(-WARM, KNOWN))
        looked_up = await both(folder / "known", stack, KNOWN, known)
    return [
        *rates("embedding included", "≥ 100/s", *embedded),
        *rates("vectors precomputed", "≥ 400/s", *looked_up),
    ]


async def both(
    folder: Path, stack: Stack, count: int, embedder: Embedder | None = None
) -> tuple[Pace, Pace]:
    """Return the pace over the servers, and that of the program with everything within it."""
    whole = await pace(stack.settings(folder / "stack"), count, stack.pids, embedder)
    return whole, await pace(Settings(data=folder / "own"), count, {}, embedder)


def rates(what: str, goal: str, stack: Pace, own: Pace) -> list[Figure]:
    return [
        Figure(
            what=what,
            value=stack.per_second,
            unit="/s",
            goal=goal,
            baseline="embedded",
            baseline_value=own.per_second,
        ),
        *(
            Figure(
                what=f"{what}: processor time of {process} for each",
                value=millis,
                unit="ms",
                baseline="embedded" if process in own.millis else "",
                baseline_value=own.millis.get(process),
            )
            for process, millis in stack.millis.items()
        ),
    ]
