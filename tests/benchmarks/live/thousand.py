"""What a change costs the server for each of 1,000 subscribers to the same."""

from __future__ import annotations

import asyncio
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Figure
from tests.benchmarks.live.peer import Crowd, Subscription
from tests.benchmarks.live.served import LISTEN, STOCK_LISTEN, Served, served, stock

ABOUT = (
    "Processor time of the server for a change that reaches one of 1,000 subscribers of one group"
)
SUBSCRIBERS = 1_000
ROUNDS = 3
BURST, PACED, STOCK_BURST, STOCK_PACED = 200, 40, 20, 10
PAUSE = 0.05
"""Seconds between paced changes."""


async def cost(server: Served, crowd: Crowd, first: int, changes: int, *, paced: bool) -> float:
    """Return the seconds of processor time that so many changes take, writing them included."""
    crowd.forget()
    before = server.cpu()
    if paced:
        for number in range(first, first + changes):
            await server.write(number)
            await asyncio.sleep(PAUSE)
    else:
        await server.write(first, changes)
    await crowd.heard(changes if crowd.peers else 0)
    expected = list(range(first, first + changes))
    assert all(peer.numbers == expected for peer in crowd.peers), (
        "something is lost or not in order"
    )
    return server.cpu() - before


async def each(
    server: Served, query: str, changes: int, *, paced: bool, start: int
) -> tuple[float, float]:
    """Return the µs for a change of one subscriber, and how many changes a message has."""
    crowd = Crowd(server.address)
    alone = await cost(server, crowd, start, changes, paced=paced)
    await crowd.come(Subscription(query, server.key) for _ in range(SUBSCRIBERS))
    told = await cost(server, crowd, start + changes, changes, paced=paced)
    messages = sum(peer.messages for peer in crowd.peers) / SUBSCRIBERS
    crowd.leave()
    await asyncio.sleep(0.5)
    return (told - alone) / (changes * SUBSCRIBERS) * 1e6, changes / messages


async def figures(folder: Path) -> list[Figure]:
    ours: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    theirs: dict[bool, list[float]] = {True: [], False: []}
    async with served(folder) as mnemos, stock() as plain:
        await mnemos.write(1)
        start = 1_000
        for _ in range(ROUNDS):
            for paced in (False, True):
                changes = PACED if paced else BURST
                ours[paced].append(await each(mnemos, LISTEN, changes, paced=paced, start=start))
                count = STOCK_PACED if paced else STOCK_BURST
                told = await each(plain, STOCK_LISTEN, count, paced=paced, start=start)
                theirs[paced].append(told[0])
                start += 1_000
    return [
        figure
        for paced, goal in ((False, "≤ 16 µs, ≥ 15 × cheaper"), (True, "≤ 25 µs"))
        for figure in _told(ours[paced], median(theirs[paced]), goal, paced=paced)
    ]


def _told(
    ours: list[tuple[float, float]], theirs: float, goal: str, *, paced: bool
) -> list[Figure]:
    how = f"one each {PAUSE * 1e3:.0f} ms" if paced else f"{BURST} as fast as they are written"
    a_change = median(each[0] for each in ours)
    together = median(each[1] for each in ours)
    return [
        Figure(
            what=f"{how}: for each change and subscriber",
            value=a_change,
            unit="µs",
            goal=goal,
            baseline="Strawberry with both caches",
            baseline_value=theirs,
        ),
        Figure(
            what=f"{how}: for each message and subscriber, of {together:.1f} changes",
            value=a_change * together,
            unit="µs",
            baseline="Strawberry, of one change",
            baseline_value=theirs,
        ),
    ]
