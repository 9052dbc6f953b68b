"""Five thousand subscribers connect at once."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Figure
from tests.benchmarks.live.peer import Crowd, Subscription
from tests.benchmarks.live.served import LISTEN, STOCK_LISTEN, Served, served, stock

ABOUT = "A connect storm: from the TCP connection to the first page of the subscription"
SUBSCRIBERS, STOCK_SUBSCRIBERS, ROUNDS = 5_000, 1_000, 3


async def cost(server: Served, query: str, count: int) -> tuple[float, float]:
    """Return the ms of processor time for each, and the seconds until all were greeted."""
    crowd = Crowd(server.address)
    before, began = server.cpu(), time.perf_counter()
    await crowd.come((Subscription(query, server.key) for _ in range(count)), at_once=200)
    took, spent = time.perf_counter() - began, server.cpu() - before
    crowd.leave()
    return spent / count * 1e3, took


async def figures(folder: Path) -> list[Figure]:
    ours, theirs = [], []
    async with served(folder) as mnemos, stock() as plain:
        await mnemos.write(1)
        await cost(mnemos, LISTEN, 100)
        for _ in range(ROUNDS):
            ours.append(await cost(mnemos, LISTEN, SUBSCRIBERS))
            theirs.append(await cost(plain, STOCK_LISTEN, STOCK_SUBSCRIBERS))
    return [
        Figure(
            what=f"processor time for each of {SUBSCRIBERS:,}",
            value=median(each[0] for each in ours),
            unit="ms",
            goal="≤ 1 ms",
            baseline="Strawberry with both caches, without a key",
            baseline_value=median(each[0] for each in theirs),
        ),
        Figure(
            what=f"until all {SUBSCRIBERS:,} were greeted",
            value=median(each[1] for each in ours),
            unit="s",
        ),
    ]
