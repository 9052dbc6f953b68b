"""Somebody with an API key, who asks any operation: queries over HTTP, what streams over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import httpx
from websockets.asyncio.client import connect

from tests.isolation.operations import Operation
from tests.serving import TRANSPORT_WS, Socket

Answer = Mapping[str, Any]


class Asker:
    def __init__(self, http: httpx.AsyncClient, socket: Socket) -> None:
        self.http = http
        self.socket = socket
        self._numbers = count(1)

    async def has(self, operation: Operation, variables: Mapping[str, Any]) -> Answer:
        """Return what an operation answers, or fail where it has an error."""
        answer = await self.ask(operation, variables)
        assert not answer.get("errors"), (str(operation), variables, answer["errors"])
        value: Answer = answer["data"][operation.name]
        return value

    async def ask(self, operation: Operation, variables: Mapping[str, Any]) -> Answer:
        """Return the whole answer to an operation; the first one where it goes on."""
        asked = {"query": operation.document, "variables": variables}
        if operation.kind == "subscription":
            return await self._first(asked)
        answer: Answer = (await self.http.post("/graphql", json=asked)).json()
        return answer

    async def _first(self, asked: Mapping[str, Any]) -> Answer:
        id_ = str(next(self._numbers))
        await self.socket.say({"id": id_, "type": "subscribe", "payload": asked})
        async with asyncio.timeout(10):
            while (message := await self.socket.hear()).get("id") != id_:
                pass
        if message["type"] == "next":
            await self.socket.say({"id": id_, "type": "complete"})
            payload: Answer = message["payload"]
            return payload
        return {"errors": message.get("payload", "ended without a word")}


@asynccontextmanager
async def asker(address: str, secret: str) -> AsyncGenerator[Asker, None]:
    """Open somebody's connections to the program at an address."""
    headers = {"authorization": f"Bearer {secret}"}
    async with (
        httpx.AsyncClient(base_url=f"http://{address}", headers=headers, timeout=30) as http,
        connect(f"ws://{address}/graphql", subprotocols=[TRANSPORT_WS], max_size=None) as opened,
    ):
        socket = Socket(opened)
        await socket.say({"type": "connection_init", "payload": headers})
        assert await socket.hear() == {"type": "connection_ack"}
        yield Asker(http, socket)
