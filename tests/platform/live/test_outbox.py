"""What one socket does not take waits, up to a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mnemos.frames import text_frame
from mnemos.live.outbox import Outbox
from mnemos.live.payload import Payload


class Pipe:
    """A socket that takes frames or does not."""

    def __init__(self) -> None:
        self.flows = True
        self.on_flow: Callable[[], None] = lambda: None
        self.written: list[bytes] = []

    def write(self, frame: bytes) -> None:
        self.written.append(frame)

    def flow(self) -> None:
        self.flows = True
        self.on_flow()


class Sending:
    def __init__(self, most_bytes: int) -> None:
        self.pipe = Pipe()
        self.sent: list[bytes] = []
        self.overflows = 0
        self.outbox = Outbox(self.pipe, self._overflowed, most_bytes)

    def send(self, *bodies: bytes) -> None:
        for body in bodies:
            self.outbox.send(
                b'{"p":', Payload(body), lambda payload: self.sent.append(payload.body)
            )

    def _overflowed(self) -> None:
        self.overflows += 1


def test_what_flows_goes_out_at_once() -> None:
    sending = Sending(10)
    sending.send(b"1", b"2")
    assert sending.pipe.written == [text_frame(b'{"p":1}'), text_frame(b'{"p":2}')]
    assert sending.sent == [b"1", b"2"]


def test_what_waits_comes_in_order_before_what_is_new() -> None:
    sending = Sending(10)
    sending.pipe.flows = False
    sending.send(b"1", b"2")
    assert sending.sent == []
    sending.pipe.flow()
    sending.send(b"3")
    assert sending.sent == [b"1", b"2", b"3"]


def test_more_than_may_wait_is_told_once_and_let_go_of() -> None:
    sending = Sending(10)
    sending.pipe.flows = False
    sending.send(b"12345", b"12345", b"1", b"1", b"1")
    assert sending.overflows == 1
    sending.pipe.flow()
    assert sending.sent == []


def test_one_large_message_may_wait_alone() -> None:
    sending = Sending(10)
    sending.pipe.flows = False
    sending.send(b"1" * 100)
    assert sending.overflows == 0
    sending.pipe.flow()
    assert sending.sent == [b"1" * 100]


async def test_room_is_waited_for_until_all_is_taken() -> None:
    sending = Sending(10)
    sending.pipe.flows = False
    sending.send(b"1")
    waiting = asyncio.create_task(sending.outbox.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    sending.pipe.flow()
    await asyncio.wait_for(waiting, 1)


async def test_nobody_waits_for_room_in_what_is_closed() -> None:
    sending = Sending(10)
    sending.pipe.flows = False
    waiting = asyncio.create_task(sending.outbox.room())
    await asyncio.sleep(0)
    sending.outbox.close()
    await asyncio.wait_for(waiting, 1)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 100_000])
def test_a_frame_says_how_long_it_is(size: int) -> None:
    frame = text_frame(b"x" * size)
    short = frame[1]
    told = {126: frame[2:4], 127: frame[2:10]}.get(short, bytes((short,)))
    assert (frame[0], int.from_bytes(told), frame[-size:] if size else b"") == (
        0x81,
        size,
        b"x" * size,
    )
