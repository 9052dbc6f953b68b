"""How long a committed change takes to reach the subscribers of the running program."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack
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


async def delays(address: str, subscribers: int) -> list[float]:
    """Milliseconds from the writer's answer to each subscriber's page; early ones count as 0."""
    heard: list[tuple[str, float]] = []
    answered: dict[str, float] = {}
    async with AsyncExitStack() as stack, httpx.AsyncClient(base_url=f"http://{address}") as http:
        sockets = [await listener(address, stack) for _ in range(subscribers)]
        hearing = [asyncio.create_task(hear(each, heard, CHANGES)) for each in sockets]
        for number in range(CHANGES):
            text = f"change {number} for {subscribers}"
            document = {"query": _WRITE, "variables": {"text": text}}
            (await http.post("/graphql", json=document)).raise_for_status()
            answered[text] = time.perf_counter()
            await asyncio.sleep(PAUSE)
        async with asyncio.timeout(30):
            await asyncio.gather(*hearing)
    return [max(0.0, (at - answered[text]) * 1e3) for text, at in heard]


async def figures(folder: Path) -> list[Figure]:
    async with mnemos_serve(folder) as process:
        await delays(process.address, 1)
        alone = await delays(process.address, 1)
        many = await delays(process.address, SUBSCRIBERS)
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
