"""Two hops from a person, over a graph in which about 200 people are that near."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

from mnemos.settings import Settings
from mnemos_graph.store import View
from tests.benchmarks.figures import Figure, percentile, settle
from tests.benchmarks.stack.filled import ACCESS, BONDS, PEOPLE, filled, people
from tests.benchmarks.stack.servers import NONE, memory

ABOUT = f"Stack: two hops over {PEOPLE:,} entities and {BONDS:,} facts"
WALKS, MOST = 200, 200


@dataclass(frozen=True, slots=True)
class Walked:
    millis: Sequence[float]
    found: float
    """Entities, on average."""


async def walked(settings: Settings) -> Walked:
    async with memory(settings) as (services, _):
        starts = await people(services.store, WALKS * 2)
        settle()
        view, times, found = View(datetime.now(UTC)), list[float](), list[int]()
        for start in starts:
            began = time.perf_counter()
            near = await services.store.neighbours(ACCESS, [start], view=view, hops=2, limit=MOST)
            times.append((time.perf_counter() - began) * 1e3)
            found.append(len(near.entities))
    return Walked(times[WALKS:], mean(found[WALKS:]))


async def figures(folder: Path) -> list[Figure]:
    async with filled(folder) as kept:
        remote = replace(kept.stack.settings(folder / "settings"), embedder=NONE)
        stack = await walked(remote)
        own = await walked(replace(kept.own, embedder=NONE))
    return [
        *(
            Figure(
                what=f"two hops, up to {MOST} entities and their facts read whole, p{share * 100:.0f}",
                value=percentile(stack.millis, share),
                unit="ms",
                goal="≤ 30 ms" if share > 0.5 else "",
                baseline="embedded",
                baseline_value=percentile(own.millis, share),
            )
            for share in (0.5, 0.95)
        ),
        Figure(what="entities found, on average", value=stack.found, unit="entities"),
    ]
