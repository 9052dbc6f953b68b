"""The program on a real socket, and clients that speak to it."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from mnemos.app import create_app
from mnemos.door import Reach
from mnemos.program import Program, program_over
from mnemos.server import Server, configured
from mnemos.settings import Settings
from mnemos.wiring import Opened
from mnemos_graph.feed import Bus, LocalBus
from mnemos_graph.language.offline.extractor import OfflineExtractor
from mnemos_graph.memory.services import Parts
from mnemos_graph.store import GraphStore
from tests.conformance.memory_directory import MemoryDirectory

TRANSPORT_WS = Subprotocol("graphql-transport-ws")
_PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here is encrypted: one context for all spares each client the reading of certificates."""


@asynccontextmanager
async def program_on(
    store: GraphStore,
    settings: Settings | None = None,
    *,
    reach: Reach = Reach.MACHINE,
    bus: Bus | None = None,
    cache_bytes: int = 0,
) -> AsyncGenerator[Program, None]:
    """Open the program over a store, in local mode until a key is made."""
    parts = Parts(
        store=store,
        bus=bus or LocalBus(),
        extractor=OfflineExtractor(),
        cache_bytes=cache_bytes,
    )
    opened = Opened(parts=parts, directory=MemoryDirectory())
    async with program_over(opened, settings or Settings(), reach) as program:
        yield program


@asynccontextmanager
async def serving(program: Program) -> AsyncGenerator[str, None]:
    """Serve a program on a free port of this machine; give its host and port.

    The server is the real one. Only its end is our own: it looks ten times a second whether it
    shall stop, and a thousand tests would wait for that.
    """
    settings = program.settings
    config = configured(create_app(program), settings)
    config.load()
    server = Server(config, settings.stop_seconds, program.connections.drain)
    server.lifespan = config.lifespan_class(config)
    # Named as TCP, so that the loop turns Nagle's algorithm off: 40 ms an answer otherwise.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    await server.startup([listening])
    try:
        yield server.address.removeprefix("http://")
    finally:
        await _ended(server, program, listening)


async def _ended(server: Server, program: Program, listening: socket.socket) -> None:
    for each in server.servers:
        each.close()
    listening.close()
    await program.connections.drain(program.settings.stop_seconds)
    state = server.server_state
    async with asyncio.timeout(program.settings.stop_seconds + 1):
        while state.connections or state.tasks:
            for connection in list(state.connections):
                connection.shutdown()
            await asyncio.sleep(0.001)


class Client:
    """A client at one address: single requests, and sockets."""

    def __init__(self, address: str, http: httpx.AsyncClient) -> None:
        self.address = address
        self.http = http

    async def send(self, query: str, **variables: Any) -> Mapping[str, Any]:
        """Return the whole response to a document."""
        response = await self.http.post("/graphql", json={"query": query, "variables": variables})
        answer: Mapping[str, Any] = response.json()
        return answer

    async def ask(self, query: str, **variables: Any) -> Mapping[str, Any]:
        """Return the data that a document answers; fail where it has an error."""
        answer = await self.send(query, **variables)
        assert "errors" not in answer, answer
        data: Mapping[str, Any] = answer["data"]
        return data

    @asynccontextmanager
    async def socket(self) -> AsyncGenerator[Socket, None]:
        """Open a WebSocket that has been acknowledged."""
        url = f"ws://{self.address}/graphql"
        async with connect(url, subprotocols=[TRANSPORT_WS]) as connection:
            socket = Socket(connection)
            await socket.say({"type": "connection_init"})
            assert await socket.hear() == {"type": "connection_ack"}
            yield socket


class Socket:
    """One WebSocket with graphql-transport-ws on it."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, message: object) -> None:
        await self.connection.send(message if isinstance(message, str) else json.dumps(message))

    async def hear(self) -> Mapping[str, Any]:
        """Return the next message, which is in a text frame."""
        frame = await self.connection.recv()
        assert isinstance(frame, str)
        message: Mapping[str, Any] = json.loads(frame)
        return message

    async def subscribe(self, query: str, id: str = "1", **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.say({"id": id, "type": "subscribe", "payload": payload})

    async def next(self) -> Mapping[str, Any]:
        """Return the data of the next result; fail where it is anything else."""
        message = await self.hear()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        data: Mapping[str, Any] = message["payload"]["data"]
        return data

    async def closed(self) -> int:
        """Return the code with which the server closes, whatever it says before."""
        with suppress(Exception):
            while True:
                await self.connection.recv()
        code = self.connection.close_code
        assert code is not None
        return code


@asynccontextmanager
async def client_of(program: Program) -> AsyncGenerator[Client, None]:
    async with (
        serving(program) as address,
        httpx.AsyncClient(base_url=f"http://{address}", verify=_PLAIN) as http,
    ):
        yield Client(address, http)
