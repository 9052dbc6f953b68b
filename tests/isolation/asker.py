"""Somebody with an API key, who asks any operation: queries over HTTP, what streams over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager
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

    async def ended(self, job: str) -> None:
        """Return once a job has ended."""
        async with asyncio.timeout(20):
            asked = {"query": Operation("subscription", "job").document, "variables": {"id": job}}
            async for message in self._messages(asked):
                if message["type"] == "complete":
                    return

    async def _first(self, asked: Mapping[str, Any]) -> Answer:
        async with asyncio.timeout(10), aclosing(self._messages(asked)) as messages:
            async for message in messages:
                payload = message.get("payload", "it ended without a word")
                return payload if message["type"] == "next" else {"errors": payload}
        return {}

    async def _messages(self, asked: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
        """Yield what an operation is answered over the socket, up to its end."""
        id_, ended = str(next(self._numbers)), False
        await self.socket.say({"id": id_, "type": "subscribe", "payload": asked})
        try:
            while not ended:
                message = await self.socket.hear()
                if message.get("id") == id_:
                    ended = message["type"] != "next"
                    yield message
        finally:
            if not ended:
                await self.socket.say({"id": id_, "type": "complete"})


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
