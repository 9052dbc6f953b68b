"""graphql-transport-ws: a bad message closes its own socket, a bad document only itself.

Who a client is, is known once connection_init was answered; until then it is a guest. Subscriptions
that can be shared are told by their group; every other operation has a context of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from graphql import GraphQLError
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
from mnemos.live.outbox import Outbox
from mnemos.live.questions import Question, Refused
from mnemos.ws_messages import flaw
from mnemos.ws_operations import Guest, Running, Subscribed
from mnemos_graph.errors import MnemosError, TooMuch, Unavailable
from mnemos_graph.identity import Caller
from mnemos_schema.context import Context
from mnemos_schema.errors import formatted
from mnemos_schema.scalars import Cursor
from mnemos_schema.sharing import shared

INIT_SECONDS = 10.0
"""How long a WebSocket may wait with connection_init."""

MOST_OPERATIONS = 100
"""Operations that one socket may have open at once."""

FORBIDDEN = 4403
SILENT = 4408
TOO_SLOW = 4429
RESTARTING = 1012
TRY_LATER = 1013


class TransportWS(BaseGraphQLTransportWSHandler[Context | Guest, None]):
    """One socket, a ``Connection`` from the moment that its client is known."""

    secret: str | None = None
    _caller: Caller
    _late: asyncio.TimerHandle

    async def handle(self) -> None:
        self.outbox = Outbox(self._guest.frames, self._overflowed)
        try:
            await super().handle()
        finally:
            self._late.cancel()
            self.outbox.close()
            self._guest.program.connections.discard(self)

    def on_request_accepted(self) -> None:
        """Wait for connection_init: by a timer, which is lighter than the base class's task."""
        seconds = self.connection_init_wait_timeout.total_seconds()
        self._late = asyncio.get_running_loop().call_later(seconds, self._give_up)

    async def handle_message(self, message: Message) -> None:
        if wrong := flaw(message):
            await self.handle_invalid_message(wrong)
            return
        # The protocol allows a payload to be null, the base class does not.
        present = {key: value for key, value in message.items() if value is not None}
        await super().handle_message(cast("Message", present))

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        self._late.cancel()
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
            documents = self._guest.program.documents
            query = documents.text(payload.get("query"), payload.get("extensions"))
            await self._guest.program.newcomers.announce(self._caller, query)
        except MnemosError as refused:
            error: Any = {"id": id_, "type": "error", "payload": [formatted(refused)]}
            await self.send_message(error)
            return
        operation = self._begun(id_, {**payload, "query": query})
        if operation.task:
            operation.task.add_done_callback(self._task_done)
        self.operations[id_] = operation

    async def cleanup_operation(self, operation_id: str) -> None:
        operation = self.operations.get(operation_id)
        await super().cleanup_operation(operation_id)
        if isinstance(operation, Subscribed):
            operation.leave()

    async def run_operation(self, operation: Operation[Context | Guest, None]) -> None:
        running = cast("Running", operation)
        try:
            if after := running.extensions.get("after"):
                await running.in_context.go_on(Cursor(str(after)))
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
        finishing = [each.task for each in self._open() if each.finishes and each.task]
        if finishing:
            await asyncio.wait(finishing, timeout=seconds)
        await self.websocket.close(RESTARTING, self._stood())

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:
        return None

    @property
    def _guest(self) -> Guest:
        return cast("Guest", self.context)

    def _open(self) -> Sequence[Running | Subscribed]:
        return cast("Sequence[Running | Subscribed]", tuple(self.operations.values()))

    def _stood(self) -> str:
        """Return the position that every subscription of this socket was told up to, if any was."""
        stood = [each.delivered for each in self._open() if each.delivered]
        return min(stood).cursor if stood else ""

    def _give_up(self) -> None:
        self.connection_timed_out = True
        self._guest.frames.close(SILENT, "Connection initialisation timeout")

    def _overflowed(self) -> None:
        """Give up a client that does not read: it comes back from where it stood."""
        self._guest.frames.close(TOO_SLOW, self._stood())
        for each in self._open():
            if isinstance(each, Subscribed):
                each.leave()

    def _begun(self, id_: str, payload: Any) -> Running | Subscribed:
        query, name = payload["query"], payload.get("operationName")
        variables = payload.get("variables") or {}
        extensions = payload.get("extensions") or {}
        how = shared(query, name)
        if how is None or not how.fits(variables):
            running = Running(self, id_, query, variables, name)
            running.extensions = extensions
            running.in_context = self._guest.program.context(self._caller)
            running.task = asyncio.create_task(self.run_operation(running))
            return running
        subscribed = Subscribed(self, id_, self.outbox, self._guest.groups)
        question = Question.of(self._caller, how, query, name, variables)
        listening = self._listen(subscribed, question, how.place(variables), extensions)
        subscribed.task = asyncio.create_task(listening)
        return subscribed

    async def _listen(
        self,
        subscribed: Subscribed,
        question: Question,
        place: str | None,
        extensions: Mapping[str, Any],
    ) -> None:
        try:
            if after := extensions.get("after"):
                await self._guest.groups.reach(self._caller.access.organization, str(after))
            await self._guest.groups.listen(subscribed, question, place)
        except Refused as refused:
            subscribed.refuse(refused.errors)
        except Exception as error:  # noqa: BLE001 - whatever it is ends this subscription alone
            subscribed.refuse([formatted(error)])

    async def _check_may_begin(self) -> None:
        program = self._guest.program
        if program.connections.draining:
            raise Unavailable("Mnemos is stopping. Ask again in a moment.")
        if len(self.operations) >= MOST_OPERATIONS:
            raise TooMuch(f"A socket may have {MOST_OPERATIONS} operations at once. End one first.")
        await program.door.count(self._caller)
