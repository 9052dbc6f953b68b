"""One subscriber of 50 reads nothing while 12,000 changes are made."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.benchmarks.live.peer import Crowd, Subscription
from tests.benchmarks.live.served import LISTEN, served

ABOUT = "One stalled subscriber among 50, 12,000 changes"
SUBSCRIBERS, CHANGES = 50, 12_000
PATIENCE = 60.0
"""Seconds until the stalled one must have been given up, once it reads again."""


async def figures(folder: Path) -> list[Figure]:
    async with served(folder) as mnemos:
        await mnemos.write(1)
        crowd, stalled = Crowd(mnemos.address), Crowd(mnemos.address)
        await crowd.come(Subscription(LISTEN, mnemos.key) for _ in range(SUBSCRIBERS - 1))
        await stalled.come([Subscription(LISTEN, mnemos.key)])
        deaf = stalled.peers[0]
        deaf.transport.pause_reading()
        before = mnemos.resident()
        await mnemos.write(2, CHANGES)
        await crowd.heard(CHANGES)
        grown = mnemos.resident() - before
        expected = list(range(2, CHANGES + 2))
        whole = sum(peer.numbers == expected for peer in crowd.peers)
        again = await _goes_on(stalled, mnemos.key)
    return [
        Figure(
            what="of the 49 others have heard all of it in order",
            value=whole,
            unit=f"of {SUBSCRIBERS - 1}",
            goal="all",
        ),
        Figure(
            what="changes that the stalled one has in order, once it reads again and comes back",
            value=len(again) if again == expected[: len(again)] else 0,
            unit="changes",
            goal="all 12,000",
        ),
        Figure(what="memory that the server has more than before", value=grown, unit="MB"),
    ]


async def _goes_on(stalled: Crowd, key: str) -> list[int]:
    """Read what was sent, then come back from the position that the close frame names."""
    (deaf,) = stalled.peers
    deaf.transport.resume_reading()
    async with asyncio.timeout(PATIENCE):
        while deaf.closed_with is None and not deaf.transport.is_closing():
            await asyncio.sleep(0.05)
    heard = list(deaf.numbers)
    after = deaf.closed_with[1] if deaf.closed_with else deaf.position
    stalled.leave()
    await stalled.come([Subscription(LISTEN, key, {"after": after})])
    await stalled.heard(CHANGES - len(heard))
    return heard + stalled.peers[0].numbers
