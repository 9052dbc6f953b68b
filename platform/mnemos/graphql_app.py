"""GraphQL over HTTP, server-sent events and WebSockets.

The protocols are Strawberry's. Here is what we answer differently: every refusal is JSON with a
code, and no message of a client can break more than itself.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, cast

import msgspec
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.asgi import GraphQL as StrawberryGraphQL
from strawberry.exceptions import MissingQueryError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from mnemos.ws_messages import flaw
from mnemos_graph.errors import MnemosError
from mnemos_schema.context import Context
from mnemos_schema.errors import formatted, refusal, request_status

INIT_TIMEOUT = timedelta(seconds=10)
"""How long a WebSocket may wait with ``connection_init``."""

_LISTEN_ELSEWHERE = (
    "A subscription needs a stream: send it with `Accept: text/event-stream`, or over a WebSocket "
    "that speaks graphql-transport-ws."
)

MakeContext = Callable[[HTTPConnection], Awaitable[Context]]


class TextFrames(ASGIWebSocketAdapter):
    """Sends JSON in text frames, which the protocol asks for, also where it is encoded to bytes."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        try:
            await self.ws.send_text(self.view.encode_json_string(message))
        except WebSocketDisconnect as gone:
            raise WebSocketDisconnected from gone


class TransportWS(BaseGraphQLTransportWSHandler[Context, None]):
    """graphql-transport-ws, where a bad message closes its socket and a bad document only itself."""

    async def handle_message(self, message: Message) -> None:
        if wrong := flaw(message):
            await self.handle_invalid_message(wrong)
            return
        # The protocol allows a payload to be null, the base class does not.
        present = {key: value for key, value in message.items() if value is not None}
        await super().handle_message(cast("Message", present))

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:
        return None


class GraphQL(StrawberryGraphQL[Context, None]):
    websocket_adapter_class = TextFrames
    graphql_transport_ws_handler_class = TransportWS

    def __init__(self, schema: BaseSchema, make_context: MakeContext) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=INIT_TIMEOUT,
        )
        self._make_context = make_context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        try:
            response = await self.run(Request(scope, receive))
        except HTTPException as refused:
            response = self._refused(
                refusal(refused.status_code, refused.reason), refused.status_code
            )
        except MnemosError as error:
            told = formatted(error)
            response = self._refused(told, request_status([told]))
        await response(scope, receive, send)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        return await self._make_context(request)

    async def execute_single(  # noqa: PLR0917 - the signature is the base class's
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: Context,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        allowed = OperationType.from_http(request_adapter.method) - {OperationType.SUBSCRIPTION}
        try:
            return await self.schema.execute(
                request_data.query,
                variable_values=request_data.variables,
                context_value=context,
                operation_name=request_data.operation_name,
                allowed_operation_types=allowed,
                operation_extensions=request_data.extensions,
            )
        except MissingQueryError as error:
            raise HTTPException(400, "The request has no query.") from error
        except CannotGetOperationTypeError as error:
            raise HTTPException(400, error.as_http_error_reason()) from error
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.SUBSCRIPTION:
                raise HTTPException(400, _LISTEN_ELSEWHERE) from error
            raise HTTPException(405, "Mutations are sent by POST.") from error

    def parse_json(self, data: str | bytes) -> Any:
        parsed = super().parse_json(data)
        if not isinstance(parsed, dict | list):
            raise HTTPException(400, "A GraphQL request is a JSON object.")
        return parsed

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        if isinstance(response_data, dict):
            errors = cast("list[Mapping[str, Any]]", response_data.get("errors") or [])
            sub_response.status_code = request_status(errors)
            if sub_response.status_code != HTTPStatus.OK:
                response_data.pop("data", None)
        return super().create_response(response_data, sub_response)

    def decode_json(self, data: str | bytes) -> object:
        try:
            return msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            raise json.JSONDecodeError(str(wrong), "", 0) from wrong

    def encode_json(self, data: object) -> bytes:
        return msgspec.json.encode(data)

    def _refused(self, error: Mapping[str, Any], status: int) -> Response:
        body = self.encode_json({"errors": [error]})
        return Response(body, status, media_type="application/json")
