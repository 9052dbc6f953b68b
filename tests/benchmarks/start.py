"""How soon the program is ready, and how much memory it takes then, with its model loaded."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import psutil

from tests.benchmarks.figures import Figure
from tests.process import mnemos_serve

ABOUT = "Starting the program"
STARTS = 3
_RECALL = '{ recall(input: {query: "tea", scope: {userId: "ann"}}) { degraded } }'


async def start(folder: Path) -> tuple[float, float]:
    """Return the seconds until it is ready with its model, and the megabytes that it holds then."""
    began = time.perf_counter()
    async with mnemos_serve(folder) as process:
        async with httpx.AsyncClient(base_url=f"http://{process.address}") as http:
            while (await http.get("/health/ready")).status_code != httpx.codes.OK:
                await asyncio.sleep(0.02)
            ready = time.perf_counter() - began
            while (await http.post("/graphql", json={"query": _RECALL})).json()["data"]["recall"][
                "degraded"
            ]:
                await asyncio.sleep(0.05)
        return ready, psutil.Process(process.pid).memory_info().rss / 1e6


async def figures(folder: Path) -> list[Figure]:
    first, _ = await start(folder)
    warm = [await start(folder) for _ in range(STARTS)]
    return [
        Figure(
            what="warm start to ready",
            value=sorted(seconds for seconds, _ in warm)[STARTS // 2],
            unit="s",
            goal="≤ 4 s",
            baseline="the first start on an empty folder",
            baseline_value=first,
        ),
        Figure(
            what="resident, once the model answers",
            value=max(size for _, size in warm),
            unit="MB",
            goal="≤ 500 MB",
        ),
    ]
