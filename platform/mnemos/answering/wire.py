"""One response as it goes over the wire: as it is, compressed, or as "you have it already"."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from starlette.types import Message, Send

from mnemos.answering.asked import Sent

COMPRESSED_FROM = 1_024
"""Bytes from which on a body is compressed for those who take it so."""
LEVEL = 4
"""Of zlib: a third of the time of the default for a tenth more bytes."""
AT_ONCE = 65_536
"""Bytes up to which the loop itself compresses; beyond, a thread does."""

Header = tuple[bytes, bytes]
Wire = tuple[Message, Message]

_GZIP = 16 + zlib.MAX_WBITS
_VARY = b"authorization, x-api-key, apikey, accept, accept-encoding, mnemos-after"


class Form(NamedTuple):
    """In which form somebody takes an answer."""

    gzip: bool
    tagged: bool
    """Whether it says under which tag it can be asked for again."""


class Answer:
    """A response with a body that is there as a whole."""

    __slots__ = ("_body", "_headers", "_tag", "_wires", "nbytes", "status")

    def __init__(self, status: int, headers: Sequence[Header], body: bytes) -> None:
        self.status = status
        self._headers = headers
        self._body = body
        self._tag = b""
        self._wires: dict[Form, Wire] = {}
        self.nbytes = len(body)
        """What it takes, about; it grows with each form that was asked for."""

    def ready(self, form: Form) -> Wire | None:
        """Return the messages of a form that was sent before."""
        return self._wires.get(form)

    async def wire(self, form: Form) -> Wire:
        """Return the messages of a form."""
        wire = self._wires.get(form)
        if wire is None:
            wire = self._wires[form] = await self._made(form)
        return wire

    def unchanged(self, match: bytes) -> Wire | None:
        """Return the messages for somebody who has this very answer; None: they have another."""
        known = [each.strip().removeprefix(b"W/") for each in match.split(b",")]
        if self.tag.removeprefix(b"W/") not in known and b"*" not in known:
            return None
        headers = [each for each in self._headers if each[0] not in _ABOUT_THE_BODY]
        return _messages(304, [*headers, *self._told()], b"")

    @property
    def tag(self) -> bytes:
        if not self._tag:
            digest = hashlib.blake2b(self._body, digest_size=12).hexdigest()
            self._tag = f'W/"{digest}"'.encode()
        return self._tag

    async def _made(self, form: Form) -> Wire:
        headers, body = list(self._headers), self._body
        if len(body) >= COMPRESSED_FROM:
            if form.gzip:
                body = await _compressed(body)
                self.nbytes += len(body)
                headers = [each for each in headers if each[0] != b"content-length"]
                headers.append((b"content-length", str(len(body)).encode()))
                headers.append((b"content-encoding", b"gzip"))
            if not form.tagged:
                headers.append((b"vary", b"accept-encoding"))
        if form.tagged:
            headers = [each for each in headers if each[0] != b"cache-control"]
            headers += self._told()
        return _messages(self.status, headers, body)

    def _told(self) -> list[Header]:
        return [
            (b"cache-control", b"private, no-cache"),
            (b"etag", self.tag),
            (b"vary", _VARY),
        ]


_ABOUT_THE_BODY = frozenset({b"content-length", b"content-type", b"cache-control"})


class Outgoing:
    """Sends what an application answers, and holds on to an answer that is there as a whole."""

    def __init__(self, send: Send, sent: Sent, *, tagged: bool) -> None:
        """``tagged``: whether a successful answer may say its tag; asked when it is there."""
        self.answer: Answer | None = None
        self._send = send
        self._sent = sent
        self._tagged = tagged
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_json(message):
            self._start = message
            return
        start, self._start = self._start, None
        if start is None:
            await self._send(message)
        elif message.get("more_body", False):
            await self._send(start)
            await self._send(message)
        else:
            headers = [(bytes(name), bytes(value)) for name, value in start["headers"]]
            self.answer = Answer(start["status"], headers, bytes(message.get("body", b"")))
            await self._deliver(self.answer, start["status"])

    async def _deliver(self, answer: Answer, status: int) -> None:
        tagged = self._sent.is_get and status == 200 and self.may_tag()  # noqa: PLR2004
        await deliver(answer, self._sent, self._send, tagged=tagged)

    def may_tag(self) -> bool:
        return self._tagged


async def deliver(answer: Answer, sent: Sent, send: Send, *, tagged: bool) -> None:
    """Send an answer in the form that the request takes."""
    wire = None
    if tagged and (match := sent.headers.get(b"if-none-match")):
        wire = answer.unchanged(match)
    if wire is None:
        form = Form(sent.gzip, tagged)
        wire = answer.ready(form) or await answer.wire(form)
    await send(wire[0])
    await send(wire[1])


def _messages(status: int, headers: Sequence[Header], body: bytes) -> Wire:
    start = {"type": "http.response.start", "status": status, "headers": tuple(headers)}
    return start, {"type": "http.response.body", "body": body}


def _is_json(start: Message) -> bool:
    return any(
        name == b"content-type" and (b"json" in value) for name, value in start.get("headers", ())
    )


async def _compressed(body: bytes) -> bytes:
    if len(body) <= AT_ONCE:
        return _gzipped(body)
    return await asyncio.to_thread(_gzipped, body)


def _gzipped(body: bytes) -> bytes:
    return zlib.compress(body, LEVEL, _GZIP)
