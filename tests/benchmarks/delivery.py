"""How long a committed change takes to reach the subscribers of the running program."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.benchmarks.figures import Figure, percentile
from tests.process import mnemos_serve

ABOUT = "From the writer's answer until subscribers have the change; who has it before counts as 0"
SUBSCRIBERS, CHANGES, PAUSE = 100, 100, 0.05
_LISTEN = "subscription { changes { position changes { subject { ... on Memory { text } } } } }"
_WRITE = (
    "mutation Write($text: String!) {"
    ' createMemory(input: {text: $text, scope: {userId: "ann"}}) { position } }'
)


async def listener(address: str, stack: AsyncExitStack) -> ClientConnection:
    """Open a socket whose subscription has said where it starts."""
    socket = await stack.enter_async_context(
        connect(f"ws://{address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")])
    )
    await socket.send('{"type":"connection_init"}')
    await socket.recv()
    subscribe = {"type": "subscribe", "id": "1", "payload": {"query": _LISTEN}}
    await socket.send(json.dumps(subscribe))
    await socket.recv()
    return socket


async def hear(socket: ClientConnection, heard: list[tuple[str, float]], count: int) -> None:
    """Note the instant at which each change's text arrived."""
    while count:
        message = json.loads(await socket.recv())
        now = time.perf_counter()
        for change in message["payload"]["data"]["changes"]["changes"]:
            heard.append((change["subject"]["text"], now))
            count -= 1


@dataclass(frozen=True, slots=True)
class Delay:
    """Milliseconds until a subscriber has a change."""

    since_sent: float
    """From when the writer sent it."""
    since_answered: float
    """From when the writer had the answer; who has it before counts as 0."""


async def delays(address: str, subscribers: int, *, listening: str | None = None) -> list[Delay]:
    """Return the delay of each change for each subscriber.

    ``listening``: the address where they listen, if it is not where is written.
    """
    heard: list[tuple[str, float]] = []
    sent: dict[str, float] = {}
    answered: dict[str, float] = {}
    async with AsyncExitStack() as stack, httpx.AsyncClient(base_url=f"http://{address}") as http:
        at = listening or address
        sockets = [await listener(at, stack) for _ in range(subscribers)]
        hearing = [asyncio.create_task(hear(each, heard, CHANGES)) for each in sockets]
        for number in range(CHANGES):
            text = f"change {number} for {subscribers}"
            document = {"query": _WRITE, "variables": {"text": text}}
            sent[text] = time.perf_counter()
            (await http.post("/graphql", json=document)).raise_for_status()
            answered[text] = time.perf_counter()
            await asyncio.sleep(PAUSE)
        async with asyncio.timeout(30):
            await asyncio.gather(*hearing)
    return [
        Delay((came - sent[text]) * 1e3, max(0.0, (came - answered[text]) * 1e3))
        for text, came in heard
    ]


async def figures(folder: Path) -> list[Figure]:
    async with mnemos_serve(folder) as process:
        await delays(process.address, 1)
        alone = [each.since_answered for each in await delays(process.address, 1)]
        many = [each.since_answered for each in await delays(process.address, SUBSCRIBERS)]
    return [
        Figure(
            what=f"to each of {SUBSCRIBERS} WebSocket subscribers, p{share * 100:.0f}",
            value=percentile(many, share),
            unit="ms",
            goal=goal,
            baseline="to one subscriber",
            baseline_value=percentile(alone, share),
        )
        for share, goal in ((0.5, ""), (0.99, "≤ 50 ms"))
    ]
