"""The load: graphql-transport-ws on bare sockets, as little as measuring takes.

Ten thousand sockets of a library would cost this machine more than the server that is measured.
Frames are read where they lie, and one that many sockets are sent is understood once.
"""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from os import urandom
from typing import Any

_NUMBERS = re.compile(rb'"text":"#(\d+)')
_POSITION = re.compile(rb'"changes":\{"position":"([\w-]+)"')
_HEADER, _MASKED = 2, 0x80
_TWO_BYTES, _EIGHT_BYTES = 126, 127
_TEXT, _CLOSE, _PING = 0x1, 0x8, 0x9


def frame(payload: bytes, opcode: int = _TEXT) -> bytes:
    """Return a client's frame, masked with zeros."""
    size = len(payload)
    if size < _TWO_BYTES:
        header = bytes((0x80 | opcode, _MASKED | size))
    else:
        header = bytes((0x80 | opcode, _MASKED | _TWO_BYTES)) + size.to_bytes(2)
    return header + bytes(4) + payload


@dataclass
class Understood:
    """Frames that were read before: many sockets are sent the same."""

    _known: dict[bytes, Sequence[int]] = field(default_factory=dict)

    def numbers(self, message: bytes) -> Sequence[int]:
        """Return the numbers of the changes in a message."""
        found = self._known.get(message)
        if found is None:
            found = tuple(int(each) for each in _NUMBERS.findall(message))
            if len(self._known) > 1_000:
                self._known.clear()
            self._known[message] = found
        return found


class Peer(asyncio.Protocol):
    """One subscriber. It checks what it hears: each number one more than the last, or as expected."""

    def __init__(self, opening: Sequence[bytes], understood: Understood, host: str) -> None:
        self._opening = opening
        self._understood = understood
        self._host = host
        self._buffer = b""
        self._shaken = False
        self.transport: asyncio.Transport
        self.greeted = asyncio.get_running_loop().create_future()
        self.numbers: list[int] = []
        self.messages = 0
        self.last = b""
        """The last message that told something."""
        self.closed_with: tuple[int, str] | None = None
        self.on_numbers: Callable[[Sequence[int]], None] = lambda _: None

    @property
    def position(self) -> str:
        """Where it stands: what it would pass as ``after``."""
        found = _POSITION.search(self.last)
        assert found, self.last
        return found[1].decode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = b64encode(urandom(16)).decode()
        transport.write(
            f"GET /graphql HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self._shaken:
            head, end, buffer = buffer.partition(b"\r\n\r\n")
            if not end:
                self._buffer = head
                return
            assert b" 101 " in head[:20], head
            self._shaken = True
            self.transport.write(b"".join(self._opening))
        self._buffer = self._read(buffer)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.greeted.done():
            self.greeted.set_exception(ConnectionError(f"lost early: {self.closed_with} {error}"))

    def _read(self, data: bytes) -> bytes:
        """Take every whole frame; return the rest."""
        at = 0
        while len(data) - at >= _HEADER:
            size, start = data[at + 1], at + _HEADER
            if size == _TWO_BYTES:
                size, start = int.from_bytes(data[at + 2 : at + 4]), at + 4
            elif size == _EIGHT_BYTES:
                size, start = int.from_bytes(data[at + 2 : at + 10]), at + 10
            if start + size > len(data):
                break
            self._take(data[at] & 0xF, data[start : start + size])
            at = start + size
        return data[at:]

    def _take(self, opcode: int, message: bytes) -> None:
        if opcode == _PING:
            self.transport.write(frame(message, 0xA))
        elif opcode == _CLOSE:
            self.closed_with = int.from_bytes(message[:2]), message[2:].decode()
            self.transport.write(frame(message[:2], _CLOSE))
        elif b'"next"' in message[:60]:
            self._next(message)
        else:
            assert b'"connection_ack"' in message, message

    def _next(self, message: bytes) -> None:
        self.messages += 1
        self.last = message
        if not self.greeted.done():
            self.greeted.set_result(None)
        found = self._understood.numbers(message)
        if found:
            self.numbers += found
            self.on_numbers(found)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a subscriber sends when it may."""

    query: str
    key: str = ""
    variables: dict[str, Any] = field(default_factory=dict)

    @property
    def opening(self) -> Sequence[bytes]:
        who = {"authorization": f"Bearer {self.key}"} if self.key else {}
        asked = {"query": self.query, "variables": self.variables}
        messages = (
            {"type": "connection_init", "payload": who},
            {"id": "1", "type": "subscribe", "payload": asked},
        )
        return [frame(json.dumps(each).encode()) for each in messages]


class Crowd:
    """Many subscribers of one server."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.peers: list[Peer] = []
        self._understood = Understood()

    async def come(self, subscriptions: Iterable[Subscription], *, at_once: int = 100) -> None:
        """Connect them all, and wait until each was told where it starts."""
        host, port = self.address.split(":")
        loop = asyncio.get_running_loop()
        places = asyncio.Semaphore(at_once)

        async def one(subscription: Subscription) -> None:
            async with places:
                made = lambda: Peer(subscription.opening, self._understood, self.address)  # noqa: E731
                _, peer = await loop.create_connection(made, host, int(port))
                self.peers.append(peer)
                await peer.greeted

        await asyncio.gather(*(one(each) for each in subscriptions))

    async def heard(self, count: int, within: float = 120) -> None:
        """Wait until everybody has heard so many changes."""
        async with asyncio.timeout(within):
            for peer in self.peers:
                while len(peer.numbers) < count:
                    await asyncio.sleep(0.01)

    def forget(self) -> None:
        for peer in self.peers:
            peer.numbers.clear()
            peer.messages = 0

    def leave(self) -> None:
        for peer in self.peers:
            peer.transport.abort()
        self.peers.clear()
