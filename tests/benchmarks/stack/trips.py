"""Counting round trips between a program and a server, from outside of both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

CHUNK = 65_536


class Trips:
    """Passes bytes both ways. Whatever is asked until an answer begins is one round trip."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.port = 0
        self.made = 0

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asking = False
        there_reads, there_writes = await asyncio.open_connection("127.0.0.1", self._to)

        async def ask() -> None:
            nonlocal asking
            while chunk := await reader.read(CHUNK):
                self.made += not asking
                asking = True
                there_writes.write(chunk)
                await there_writes.drain()

        async def answer() -> None:
            nonlocal asking
            while chunk := await there_reads.read(CHUNK):
                asking = False
                writer.write(chunk)
                await writer.drain()

        ways = [asyncio.create_task(ask()), asyncio.create_task(answer())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        writer.close()
        there_writes.close()


@asynccontextmanager
async def counted(port: int) -> AsyncGenerator[Trips, None]:
    """Listen at a port of this machine for what is meant for another, and count."""
    trips = Trips(port)
    server = await asyncio.start_server(trips.connected, "127.0.0.1", 0)
    trips.port = server.sockets[0].getsockname()[1]
    async with server:
        yield trips
