"""What a thousand standing recalls cost the server while somebody writes ten times a second."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.benchmarks.live.peer import Crowd, Subscription
from tests.benchmarks.live.served import Served, served

ABOUT = "Processor time of the server for 1,000 standing recalls, each a group of its own, at 10 writes/s"
RECALLS = 1_000
WRITES = 100
PAUSE = 0.1
"""Seconds between two writes."""
HELD = 20
"""Memories in each partition beforehand."""
ASK = """
subscription ($input: RecallInput!) {
  liveRecall(input: $input) { hits { memory { id text } score } degraded position }
}
"""


async def cost(server: Served, users: Sequence[str]) -> tuple[float, int]:
    """Return the share of one core that it takes, and how many answers were sent.

    The recalls are asked over ``users`` in turn, and so are the writes.
    """
    crowd, loop = Crowd(server.address), asyncio.get_running_loop()
    inputs = [
        {
            "query": f"What was said about it in {number}?",
            "scope": {"userId": users[number % len(users)], "includeShared": False},
        }
        for number in range(RECALLS)
    ]
    await crowd.come(Subscription(ASK, server.key, {"input": each}) for each in inputs)
    await asyncio.sleep(1)
    crowd.forget()
    cpu, began = server.cpu(), loop.time()
    for number in range(WRITES):
        await server.write(1_000 + number, user=users[number % len(users)])
        await asyncio.sleep(began + (number + 1) * PAUSE - loop.time())
    share = (server.cpu() - cpu) / (loop.time() - began)
    answers = sum(peer.messages for peer in crowd.peers)
    crowd.leave()
    await asyncio.sleep(0.5)
    assert answers, "nobody was told anything"
    return share, answers


async def figures(folder: Path) -> list[Figure]:
    users = [f"user-{number}" for number in range(RECALLS)]
    async with served(folder) as server:
        for user in users:
            await server.write(1, HELD, user=user)
        apart, told = await cost(server, users)
        together, answers = await cost(server, users[:1])
    return [
        Figure(
            what="over 1,000 partitions: of one core",
            value=apart * 100,
            unit="%",
            goal="≤ 100 %",
        ),
        Figure(
            what="over 1,000 partitions: answers sent a second, of 10 writes",
            value=told / (WRITES * PAUSE),
            unit="/s",
        ),
        Figure(what="all in one partition: of one core", value=together * 100, unit="%"),
        Figure(
            what="all in one partition: answers sent a second",
            value=answers / (WRITES * PAUSE),
            unit="/s",
            goal="≤ 20 asked anew",
        ),
    ]
