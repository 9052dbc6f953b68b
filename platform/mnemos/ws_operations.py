"""What one WebSocket has: itself, its operations, and those of them that a group tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)

from mnemos.frames import FRAMES, FramedSocket
from mnemos.live.groups import Groups
from mnemos.live.outbox import Outbox
from mnemos.live.payload import Payload
from mnemos.program import Program
from mnemos_graph.model import START, Position
from mnemos_schema.context import Context, Delivered

LONGEST_REASON = 123
"""Bytes that the reason of a close frame may have."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody on a WebSocket, who has not yet said who they are."""

    program: Program
    groups: Groups
    websocket: WebSocket

    @property
    def frames(self) -> FramedSocket:
        return _framed(self.websocket)


class TextFrames(ASGIWebSocketAdapter):
    """Sends JSON in text frames, which the protocol asks for, and nothing behind a close."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        if _framed(self.ws).closed:
            raise WebSocketDisconnected
        try:
            await self.ws.send_text(self.view.encode_json_string(message))
        except WebSocketDisconnect as gone:
            raise WebSocketDisconnected from gone

    async def close(self, code: int, reason: str) -> None:
        short = reason.encode()[:LONGEST_REASON].decode("utf-8", "ignore")
        _framed(self.ws).close(code, short)


class Running(Operation[Context | Guest, None]):
    """One operation, with the extensions that it came with, and the context that it runs in."""

    __slots__ = ("extensions", "in_context")

    in_context: Context
    extensions: dict[str, Any]

    @property
    def delivered(self) -> Delivered | None:
        return self.in_context.delivered

    @property
    def finishes(self) -> bool:
        return self.in_context.finishes


class Subscribed(Operation[Context | Guest, None]):
    """A subscription that a group tells: the ``Listener`` of this socket."""

    __slots__ = ("_begins", "_groups", "_outbox", "delivered", "gone", "position")

    finishes = False

    def __init__(
        self,
        handler: BaseGraphQLTransportWSHandler[Context | Guest, None],
        id: str,
        outbox: Outbox,
        groups: Groups,
    ) -> None:
        super().__init__(handler, id, "", None, None)
        self._outbox = outbox
        self._groups = groups
        self._begins = b'{"id":%b,"type":"next","payload":' % msgspec.json.encode(id)
        self.position: Position = START
        self.delivered: Delivered | None = None
        self.gone = False

    @property
    def roomy(self) -> bool:
        return self._outbox.roomy

    def take(self, payload: Payload) -> None:
        self._outbox.send(self._begins, payload, self._sent)

    def complete(self, last: bytes | None = None) -> None:
        if self.gone:
            return
        if last:
            self.take(Payload(last))
        self._end(b'{"id":%b,"type":"complete"', b"")

    def refuse(self, errors: Sequence[Any]) -> None:
        if not self.gone:
            self._end(b'{"id":%b,"type":"error","payload":', msgspec.json.encode(errors))

    async def room(self) -> None:
        await self._outbox.room()

    def leave(self) -> None:
        """Be told nothing more."""
        self.gone = True
        self._groups.leave(self)

    def _sent(self, payload: Payload) -> None:
        self.delivered = payload.delivered or self.delivered

    def _end(self, begins: bytes, payload: bytes) -> None:
        self.handler.forget_id(self.id)  # before the last message: the id is free from then on
        self.leave()
        told = begins % msgspec.json.encode(self.id)
        self._outbox.send(told, Payload(payload), lambda _: None)


def _framed(websocket: WebSocket) -> FramedSocket:
    """Return the socket itself, past ASGI."""
    return cast("FramedSocket", websocket.scope["extensions"][FRAMES])
