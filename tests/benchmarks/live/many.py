"""Ten thousand subscribers of one process: what they hold, what they hear, and coming back."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.live.hundred import delays
from tests.benchmarks.live.peer import Crowd, Subscription
from tests.benchmarks.live.served import LISTEN, Served, served

ABOUT = "10,000 subscribers of one process"
SUBSCRIBERS, CHANGES = 10_000, 20
OTHERS, SHOWN_EACH = 10_000, 250
"""Changes made meanwhile that those who come back do not listen to, with one that they do among so
many."""
WITHIN = 10.0


async def hearing(mnemos: Served) -> list[Figure]:
    idle = mnemos.resident()
    crowd = Crowd(mnemos.address)
    await crowd.come(Subscription(LISTEN, mnemos.key) for _ in range(SUBSCRIBERS))
    found = await delays(mnemos, crowd, 100, CHANGES)
    await mnemos.write(100 + CHANGES, CHANGES)
    await crowd.heard(2 * CHANGES)
    held = mnemos.resident() - idle
    expected = list(range(100, 100 + 2 * CHANGES))
    whole = sum(peer.numbers == expected for peer in crowd.peers)
    crowd.leave()
    return [
        Figure(what="have heard all in order", value=whole, unit="of 10,000", goal="all"),
        Figure(what="more than the idle process", value=held, unit="MB", goal="≤ 350 MB"),
        Figure(
            what="until one change is with all of them, p99",
            value=percentile(found, 0.99) / 1e3,
            unit="s",
            goal="≤ 4 s",
        ),
    ]


async def places(mnemos: Served) -> dict[str, list[int]]:
    """Return 10,000 cursors, each with the numbers that lie behind it and are shown."""
    found: dict[str, list[int]] = {}
    after = (await mnemos.ask("{ position }"))["position"]
    for number in range(0, OTHERS, SHOWN_EACH):
        await mnemos.write(10_000 + number, SHOWN_EACH - 1, user="bob")
        await mnemos.write(100_000 + number, user="ann")
    query = (
        "query ($after: Cursor) { changes(after: $after) { position hasMore"
        " changes { position subject { ... on Memory { text scope { userId } } } } } }"
    )
    more = True
    cursors: list[tuple[str, int | None]] = []
    while more:
        page = (await mnemos.ask(query, after=after))["changes"]
        for change in page["changes"]:
            subject = change["subject"]
            anns = subject["scope"]["userId"] == "ann"
            number = int(subject["text"][1:].split(" ")[0])
            cursors.append((change["position"], number if anns else None))
        after, more = page["position"], page["hasMore"]
    behind: list[int] = []
    for cursor, own in reversed(cursors):
        found[cursor] = list(behind)
        if own is not None:
            behind.insert(0, own)
    return found


async def coming_back(mnemos: Served, behind: dict[str, list[int]]) -> list[Figure]:
    """Everybody comes with a cursor of their own to a process that has told nobody yet."""
    cursors = list(behind)
    random.Random(6).shuffle(cursors)
    scope = {"userId": "ann", "includeShared": False}
    crowd = Crowd(mnemos.address)
    before, began = mnemos.cpu(), time.perf_counter()
    await crowd.come(
        Subscription(LISTEN, mnemos.key, {"after": each, "scope": scope}) for each in cursors
    )
    greeted = time.perf_counter() - began
    await asyncio.sleep(0.1)
    await mnemos.write(999_999)
    async with asyncio.timeout(60):
        for peer in crowd.peers:
            while 999_999 not in peer.numbers[-1:]:
                await asyncio.sleep(0.01)
    took, spent = time.perf_counter() - began, mnemos.cpu() - before
    told = sorted(tuple(peer.numbers) for peer in crowd.peers)
    expected = sorted((*numbers, 999_999) for numbers in behind.values())
    assert told == expected, "something is lost, doubled or not in order"
    crowd.leave()
    return [
        Figure(
            what=f"{len(cursors):,} different cursors after a restart, until all were greeted",
            value=greeted,
            unit="s",
        ),
        Figure(
            what="the same, until the next change was with all of them, told once to one group",
            value=took,
            unit="s",
            goal=f"≤ {WITHIN:.0f} s",
        ),
        Figure(
            what="the same, processor time for each, connecting included",
            value=spent / len(cursors) * 1e3,
            unit="ms",
            goal="≤ 2 ms",
        ),
    ]


async def figures(folder: Path) -> list[Figure]:
    async with served(folder) as mnemos:
        await mnemos.write(1)
        heard = await hearing(mnemos)
        behind = await places(mnemos)
    async with served(folder) as again:
        return heard + await coming_back(again, behind)
