"""A thousand subscribers in a hundred groups."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.live.peer import Crowd, Peer, Subscription
from tests.benchmarks.live.served import LISTEN, STOCK_LISTEN, Served, served, stock

ABOUT = "From the writer's request until each of 1,000 subscribers in 100 groups has the change"
SUBSCRIBERS, GROUPS, CHANGES, PAUSE = 1_000, 100, 100, 0.25
STOCK_CHANGES = 10


class Delays:
    """Notes how long each change took to each subscriber, in ms."""

    def __init__(self, peers: Sequence[Peer]) -> None:
        self.sent: dict[int, float] = {}
        self.found: list[float] = []
        for peer in peers:
            peer.on_numbers = self._came

    def _came(self, numbers: Sequence[int]) -> None:
        now = time.perf_counter()
        self.found += [(now - self.sent[each]) * 1e3 for each in numbers if each in self.sent]


async def delays(server: Served, crowd: Crowd, first: int, changes: int) -> list[float]:
    noted = Delays(crowd.peers)
    for number in range(first, first + changes):
        noted.sent[number] = time.perf_counter()
        await server.write(number)
        await asyncio.sleep(PAUSE)
    await crowd.heard(changes)
    return noted.found


def _subscriptions(key: str) -> list[Subscription]:
    """Return those of as many groups: each has an alias of its own."""
    documents = [LISTEN.replace("actor", f"who{number}: actor") for number in range(GROUPS)]
    return [Subscription(documents[each % GROUPS], key) for each in range(SUBSCRIBERS)]


async def figures(folder: Path) -> list[Figure]:
    async with served(folder) as mnemos, stock() as plain:
        await mnemos.write(1)
        ours, theirs = Crowd(mnemos.address), Crowd(plain.address)
        await ours.come(_subscriptions(mnemos.key))
        found = await delays(mnemos, ours, 1_000, CHANGES)
        ours.leave()
        await theirs.come(Subscription(STOCK_LISTEN) for _ in range(SUBSCRIBERS))
        stocks = await delays(plain, theirs, 2_000, STOCK_CHANGES)
    return [
        Figure(
            what=f"one each {PAUSE * 1e3:.0f} ms, p{share * 100:.0f}",
            value=percentile(found, share),
            unit="ms",
            goal=goal,
            baseline="Strawberry with both caches",
            baseline_value=percentile(stocks, share),
        )
        for share, goal in ((0.5, ""), (0.99, "≤ 150 ms"))
    ]
