"""A relay between a client and a server, whose connections can be cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress


class Relay:
    def __init__(self, target: str) -> None:
        self._host, _, port = target.partition(":")
        self._port = int(port)
        self._open: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self.address = ""
        self.connections = 0

    async def cut(self) -> None:
        """End every connection at once, without a word."""
        for writer in tuple(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        answers, server = await asyncio.open_connection(self._host, self._port)
        self._open |= {writer, server}
        for source, sink in ((reader, server), (answers, writer)):
            pump = asyncio.create_task(self._pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                sink.write(data)
                await sink.drain()
        sink.close()
        self._open.discard(sink)


@asynccontextmanager
async def relayed(target: str) -> AsyncGenerator[Relay, None]:
    relay = Relay(target)
    server = await asyncio.start_server(relay.relay, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    relay.address = f"{host}:{port}"
    try:
        yield relay
    finally:
        await relay.cut()
        server.close()
