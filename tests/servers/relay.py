"""A relay in front of any TCP server, which does to connections what a bad network does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

CHUNK = 65_536
CHUNKS_UNDER_WAY = 1_024


class Relay:
    """Passes bytes both ways, until it is told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._writers: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._passing = asyncio.Event()
        self._passing.set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.accepted = 0
        """Connections that were ever made to it."""
        self.delay = 0.0
        """Seconds by which every byte is late, each way."""

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def cut(self) -> None:
        """Break every connection that there is. New ones are made as before."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def refuse(self) -> None:
        """Break every connection and refuse new ones, until ``accept``."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()
        await asyncio.sleep(0)

    async def accept(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def hold(self) -> None:
        """Keep connections open and take new ones, and pass nothing on: they are half-open."""
        self._passing.clear()

    def forward(self) -> None:
        """Pass on again, also what was held back."""
        self._passing.set()

    async def close(self) -> None:
        await self.refuse()
        for each in tuple(self._connections):
            each.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.accepted += 1
        self._connections.add(task)
        self._writers.add(writer)
        try:
            await self._relay(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._connections.discard(task)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._passing.wait()
        there_reads, there_writes = await asyncio.open_connection(*self._target)
        self._writers.add(there_writes)
        ways = [
            asyncio.create_task(self._pass(reader, there_writes)),
            asyncio.create_task(self._pass(there_reads, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            there_writes.transport.abort()
            self._writers.discard(there_writes)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        chunks: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(CHUNKS_UNDER_WAY)
        deliver = asyncio.create_task(self._deliver(chunks, writer))
        loop = asyncio.get_running_loop()
        try:
            with suppress(ConnectionError):
                while chunk := await reader.read(CHUNK):
                    await chunks.put((loop.time() + self.delay, chunk))
            await chunks.put((loop.time() + self.delay, b""))
            await deliver
        finally:
            deliver.cancel()

    async def _deliver(
        self, chunks: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        with suppress(ConnectionError):
            while True:
                due, chunk = await chunks.get()
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
                await self._passing.wait()
                if not chunk:
                    return
                writer.write(chunk)
                await writer.drain()


@asynccontextmanager
async def relay(host: str, port: int) -> AsyncGenerator[Relay, None]:
    """Open a relay to a server, on a port of its own."""
    opened = Relay(host, port)
    await opened.accept()
    try:
        yield opened
    finally:
        await opened.close()
