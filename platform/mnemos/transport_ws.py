"""graphql-transport-ws: a bad message closes its own socket, a bad document only itself.

Who a client is, is known once connection_init was answered; until then it is a guest. Each
operation has a context of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)
from strawberry.utils.aio import aclosing

from mnemos.door import secret_of
from mnemos.program import Program
from mnemos.ws_messages import flaw
from mnemos_graph.errors import MnemosError, TooMuch, Unavailable
from mnemos_graph.identity import Caller
from mnemos_schema.context import Context
from mnemos_schema.errors import formatted
from mnemos_schema.scalars import Cursor

INIT_SECONDS = 10.0
"""How long a WebSocket may wait with connection_init."""

MOST_OPERATIONS = 100
"""Operations that one socket may have open at once."""

FORBIDDEN = 4403
RESTARTING = 1012
TRY_LATER = 1013

LONGEST_REASON = 123
"""Bytes that the reason of a close frame may have."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody on a WebSocket, who has not yet said who they are."""

    program: Program
    websocket: WebSocket


class TextFrames(ASGIWebSocketAdapter):
    """Sends JSON in text frames, which the protocol asks for, and nothing behind a close."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        if self._is_closed():
            raise WebSocketDisconnected
        try:
            await self.ws.send_text(self.view.encode_json_string(message))
        except WebSocketDisconnect as gone:
            raise WebSocketDisconnected from gone

    async def close(self, code: int, reason: str) -> None:
        if self._is_closed():
            return
        short = reason.encode()[:LONGEST_REASON].decode("utf-8", "ignore")
        with suppress(WebSocketDisconnect):
            await self.ws.close(code, short)

    def _is_closed(self) -> bool:
        return WebSocketState.DISCONNECTED in {self.ws.application_state, self.ws.client_state}


class Running(Operation[Context | Guest, None]):
    """One operation, with the context that it runs in and the extensions that it came with."""

    __slots__ = ("extensions", "in_context")

    in_context: Context
    extensions: dict[str, Any]


class TransportWS(BaseGraphQLTransportWSHandler[Context | Guest, None]):
    """One socket, a ``Connection`` from the moment that its client is known."""

    secret: str | None = None
    _caller: Caller

    async def handle(self) -> None:
        try:
            await super().handle()
        finally:
            self._guest.program.connections.discard(self)

    async def handle_message(self, message: Message) -> None:
        if wrong := flaw(message):
            await self.handle_invalid_message(wrong)
            return
        # The protocol allows a payload to be null, the base class does not.
        present = {key: value for key, value in message.items() if value is not None}
        await super().handle_message(cast("Message", present))

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        if not self.connection_init_received and not self.connection_timed_out:
            websocket, program = self._guest.websocket, self._guest.program
            try:
                self.secret = secret_of(websocket.headers, message.get("payload"))
                self._caller = await program.door.admit(websocket, self.secret)
            except MnemosError as refused:
                code = TRY_LATER if refused.retryable else FORBIDDEN
                await self.websocket.close(code, str(refused))
                return
            program.connections.add(self)
        await super().handle_connection_init(message)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        id_, payload = message["id"], message["payload"]
        if not self.connection_acknowledged or id_ in self.operations:
            await super().handle_subscribe(message)  # which closes the socket
            return
        try:
            await self._check_may_begin()
        except MnemosError as refused:
            error: Any = {"id": id_, "type": "error", "payload": [formatted(refused)]}
            await self.send_message(error)
            return
        operation = Running(
            self, id_, payload["query"], payload.get("variables"), payload.get("operationName")
        )
        operation.extensions = cast("Mapping[str, Any]", payload).get("extensions") or {}
        operation.in_context = self._context()
        operation.task = asyncio.create_task(self.run_operation(operation))
        operation.task.add_done_callback(self._task_done)
        self.operations[id_] = operation

    async def run_operation(self, operation: Operation[Context | Guest, None]) -> None:
        running = cast("Running", operation)
        try:
            if after := running.extensions.get("after"):
                await running.in_context.position(Cursor(str(after)))
            results = await self.schema.stream(
                running.query,
                variable_values=running.variables,
                context_value=running.in_context,
                operation_name=running.operation_name,
                operation_extensions=running.extensions,
            )
            async with aclosing(results):
                await self._send_result_stream(running, results)
            await running.send_operation_message({"id": running.id, "type": "complete"})
        except WebSocketDisconnected:
            self.operations.pop(running.id, None)
        except Exception as error:  # noqa: BLE001 - whatever it is ends this operation alone
            told: Any = {"id": running.id, "type": "error", "payload": [formatted(error)]}
            with suppress(WebSocketDisconnected):
                await running.send_operation_message(told)

    async def revoke(self) -> None:
        await self.websocket.close(FORBIDDEN, "The API key was revoked.")

    async def drain(self, seconds: float) -> None:
        running = [cast("Running", each) for each in self.operations.values()]
        finishing = [each.task for each in running if each.in_context.finishes and each.task]
        if finishing:
            await asyncio.wait(finishing, timeout=seconds)
        stood = [each.in_context.delivered for each in running if each.in_context.delivered]
        await self.websocket.close(RESTARTING, min(stood).cursor if stood else "")

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:
        return None

    @property
    def _guest(self) -> Guest:
        return cast("Guest", self.context)

    def _context(self) -> Context:
        program = self._guest.program
        return Context(
            self._caller,
            program.services,
            program.keys,
            operation_seconds=program.settings.operation_seconds,
        )

    async def _check_may_begin(self) -> None:
        program = self._guest.program
        if program.connections.draining:
            raise Unavailable("Mnemos is stopping. Ask again in a moment.")
        if len(self.operations) >= MOST_OPERATIONS:
            raise TooMuch(f"A socket may have {MOST_OPERATIONS} operations at once. End one first.")
        await program.door.count(self._caller)
