"""A light load over HTTP: one request again and again over several connections that stay open.

It is a process of its own (``python -m tests.benchmarks.live.load``), which reads what to send from
standard input. A connection asks again as soon as it was answered, so there are always as many
requests under way as connections. Every answer must be as long as the first, and a 200.
"""

from __future__ import annotations

import asyncio
import json
import select
import socket
import sys
import time
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    address: str
    """Host and port."""
    head: str
    """The request's first line and headers, without the one of its length."""
    body: str
    connections: int
    seconds: float

    @property
    def request(self) -> bytes:
        body = self.body.encode()
        return f"{self.head}content-length: {len(body)}\r\n\r\n".encode() + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    requests: int
    seconds: float
    p99_ms: float
    answer_bytes: int
    """Of one whole response."""
    cpu_seconds: float
    """What the load itself took."""

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @classmethod
    def read(cls, told: bytes) -> Self:
        return cls(**json.loads(told))


async def load(work: Work) -> Done:
    """Carry ``work`` out in a process of its own.

    Raises:
        RuntimeError: an answer was not as it should be.
    """
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.live.load"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await running.communicate(json.dumps(asdict(work)).encode())
    if running.returncode:
        raise RuntimeError("The load could not be carried out; its complaint stands above.")
    return Done.read(told)


def carry_out(work: Work) -> Done:
    """Send the request as often as it is answered, for so many seconds."""
    host, port = work.address.rsplit(":", 1)
    request = work.request
    length = len(_first(host, int(port), request))
    sockets = {}
    poll = select.epoll()
    for _ in range(work.connections):
        each = _connected(host, int(port))
        sockets[each.fileno()] = each
        poll.register(each, select.EPOLLIN)
    came = dict.fromkeys(sockets, 0)
    buffer = memoryview(bytearray(length))
    latencies: list[float] = []
    began, cpu = time.perf_counter(), time.process_time()
    sent = dict.fromkeys(sockets, began)
    for each in sockets.values():
        each.sendall(request)
    ends = began + work.seconds
    while (now := time.perf_counter()) < ends:
        for number, _ in poll.poll(1.0):
            each = sockets[number]
            got = each.recv_into(buffer)
            before = came[number]
            if not got or (not before and bytes(buffer[:12]) != b"HTTP/1.1 200"):
                raise RuntimeError(f"It was answered with {bytes(buffer[:200])!r}.")
            if before + got < length:
                came[number] = before + got
                continue
            came[number] = 0
            now = time.perf_counter()
            latencies.append(now - sent[number])
            sent[number] = now
            each.sendall(request)
    for each in sockets.values():
        each.close()
    latencies.sort()
    return Done(
        requests=len(latencies),
        seconds=now - began,
        p99_ms=latencies[int(0.99 * len(latencies))] * 1e3,
        answer_bytes=length,
        cpu_seconds=time.process_time() - cpu,
    )


def _connected(host: str, port: int) -> socket.socket:
    opened = socket.create_connection((host, port), timeout=10)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


def _first(host: str, port: int, request: bytes) -> bytes:
    """Return the whole response to a first request."""
    with _connected(host, port) as opened:
        opened.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += opened.recv(65_536)
        head, _, body = answer.partition(b"\r\n\r\n")
        lengths = [
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ]
        while len(body) < lengths[0]:
            body += opened.recv(65_536)
        return head + b"\r\n\r\n" + body


if __name__ == "__main__":
    print(json.dumps(asdict(carry_out(Work(**json.load(sys.stdin))))))  # noqa: T201
