"""GraphQL over HTTP, server-sent events, multipart and WebSockets.

The protocols are Strawberry's. Here is what we answer differently: every refusal is JSON with a
code, and no message of a client can break more than itself.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, cast

import msgspec
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL as StrawberryGraphQL
from strawberry.exceptions import MissingQueryError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.streaming import HTTPStreamTransport
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import (
    GRAPHQL_SSE_PROTOCOL,
    GRAPHQL_TRANSPORT_WS_PROTOCOL,
    MULTIPART_SUBSCRIPTION_PROTOCOL,
)
from strawberry.types import ExecutionResult, SubscriptionExecutionResult
from strawberry.types.graphql import OperationType

from mnemos.accepts import JSON, RESPONSE_JSON, answer_type, names_json, takes_json
from mnemos.answers import failed, refused
from mnemos.documents import UnknownDocument
from mnemos.door import secret_of
from mnemos.events import Events
from mnemos.guard import check_get
from mnemos.live.groups import Groups
from mnemos.live.questions import Question
from mnemos.program import Program
from mnemos.streams import Encoded, SharedStream, Stream
from mnemos.transport_ws import INIT_SECONDS, TransportWS
from mnemos.ws_operations import Guest, TextFrames
from mnemos_graph.errors import MnemosError, Unavailable
from mnemos_graph.witness.witness import unwitnessed
from mnemos_schema.context import Context
from mnemos_schema.documents import listens
from mnemos_schema.errors import request_status
from mnemos_schema.scalars import Cursor
from mnemos_schema.sharing import shared

AFTER = "mnemos-after"
"""The header with a position that the answer must not be older than."""

_LISTEN_ELSEWHERE = (
    "A subscription needs a stream: send it with `Accept: text/event-stream`, or over a WebSocket "
    "that speaks graphql-transport-ws."
)

_STREAMS = ("sse", "multipart-subscription")
"""Ways over HTTP in which a subscription is answered."""

_ALLOWED: Mapping[int, Mapping[str, str]] = {HTTPStatus.METHOD_NOT_ALLOWED: {"allow": "GET, POST"}}


class GraphQL(StrawberryGraphQL[Context | Guest, None]):
    websocket_adapter_class = TextFrames
    graphql_transport_ws_handler_class = TransportWS
    stream_transport_classes_by_protocol: Mapping[str, type[HTTPStreamTransport]] = {
        **StrawberryGraphQL.stream_transport_classes_by_protocol,
        GRAPHQL_SSE_PROTOCOL: Events,
    }

    def __init__(self, schema: BaseSchema, program: Program) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(
                GRAPHQL_TRANSPORT_WS_PROTOCOL,
                GRAPHQL_SSE_PROTOCOL,
                MULTIPART_SUBSCRIPTION_PROTOCOL,
            ),
            connection_init_wait_timeout=timedelta(seconds=INIT_SECONDS),
        )
        self._program = program
        self._groups = Groups(
            schema, program.services, lambda asked, part: program.context(asked.caller, part)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        most = self._program.settings.body_bytes
        request = Request(scope, _counted(receive, most))
        response = await self._answered(request)
        media_type = answer_type(request.headers.get("accept", ""))
        if media_type == RESPONSE_JSON and response.media_type == JSON:
            response.headers["content-type"] = RESPONSE_JSON
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        try:
            if self._program.connections.draining:
                raise Unavailable("Mnemos is stopping. Ask again in a moment.")
            _check_headers(request, self._program.settings.body_bytes)
            if request.method == "GET":
                check_get(request.headers, self._program.settings)
            return _as_read(await self.run(request), request.headers.get("accept", ""))
        except UnknownDocument as unknown:
            return _as_read(failed(unknown), request.headers.get("accept", ""))
        except HTTPException as wrong:
            return refused(wrong.status_code, wrong.reason, _ALLOWED.get(wrong.status_code))
        except MnemosError as error:
            return failed(error)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context | Guest:
        if isinstance(request, WebSocket):
            return Guest(self._program, self._groups, request)
        program = self._program
        caller = await program.door.admit(request, secret_of(request.headers))
        context = program.context(caller)
        if after := request.headers.get(AFTER):
            with unwitnessed():
                await context.go_on(Cursor(after))
        return context

    async def execute_single(  # noqa: PLR0917 - the signature is the base class's
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: Context | Guest,
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

    async def execute_operation(  # noqa: PLR0917 - the signature is the base class's
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequestData | list[GraphQLRequestData],
        context: Context | Guest,
        root_value: None,
        sub_response: Response,
    ) -> ExecutionResult | list[ExecutionResult] | SubscriptionExecutionResult:
        if not isinstance(request_data, list):
            caller = cast("Context", context).caller
            await self._program.newcomers.announce(caller, request_data.query)
            if request_data.protocol != "http" and takes_json(request.headers.get("accept", "")):
                request_data = _unstreamed(request_data)
            if told := self._told_by_a_group(request, request_data, cast("Context", context)):
                return told
        result = await super().execute_operation(
            request, request_adapter, request_data, context, root_value, sub_response
        )
        if not isinstance(result, ExecutionResult | list):
            stream = Stream(cast("Context", context), secret_of(request.headers))
            results = cast("AsyncGenerator[object, None]", result)
            ending = stream.until_it_ends(results, self._program.connections)
            return cast("SubscriptionExecutionResult", ending)
        return result

    def _told_by_a_group(
        self, request: Request, asked: GraphQLRequestData, context: Context
    ) -> SubscriptionExecutionResult | None:
        if asked.query is None or asked.protocol not in _STREAMS:
            return None
        variables = asked.variables or {}
        how = shared(asked.query, asked.operation_name)
        if how is None or not how.fits(variables):
            return None
        question = Question.of(context.caller, how, asked.query, asked.operation_name, variables)
        stream = SharedStream(self._groups, secret_of(request.headers))
        place = cast("str | None", how.place(variables))
        results = stream.results(question, place, self._program.connections)
        return cast("SubscriptionExecutionResult", results)

    async def process_result(
        self, request: Request, result: ExecutionResult | Encoded
    ) -> GraphQLHTTPResponse:
        if isinstance(result, Encoded):
            return cast("GraphQLHTTPResponse", msgspec.Raw(result.body))
        return await super().process_result(request, result)

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        """Read what nearly all requests are: one operation, in JSON, to be answered at once."""
        accept = request.headers.get("accept", "").lower()
        if request.method == "POST" and "event-stream" not in accept and "multipart" not in accept:
            data = self.parse_json(await request.get_body())
            if isinstance(data, dict) and _is_operation(data):
                extensions = data.get("extensions")
                return GraphQLRequestData(
                    query=self._program.documents.text(data["query"], extensions),
                    variables=data.get("variables"),
                    operation_name=data.get("operationName"),
                    extensions=extensions,
                    protocol="http",
                )
        asked = await super().parse_http_body(request)
        if isinstance(asked, list):
            return asked
        return replace(asked, query=self._program.documents.text(asked.query, asked.extensions))

    def should_render_graphql_ide(self, request: object) -> bool:
        return False

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
        response = super().create_response(response_data, sub_response)
        response.media_type = JSON
        return response

    def decode_json(self, data: str | bytes) -> object:
        try:
            return msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            raise json.JSONDecodeError(str(wrong), "", 0) from wrong

    def encode_json(self, data: object) -> bytes:
        return msgspec.json.encode(data)


def _is_operation(data: Mapping[str, Any]) -> bool:
    parts = (data.get("variables"), data.get("extensions"))
    return isinstance(data.get("query"), str) and all(
        part is None or isinstance(part, dict) for part in parts
    )


def _check_headers(request: Request, most: int) -> None:
    """Refuse what cannot be answered before anything of it is read."""
    if request.method not in {"GET", "POST"}:
        raise HTTPException(405, "GraphQL is asked by GET or POST.")
    if answer_type(request.headers.get("accept", "")) is None:
        raise HTTPException(
            406, f"Accept one of {JSON}, {RESPONSE_JSON}, text/event-stream or multipart/mixed."
        )
    if request.method == "POST":
        kind, *parameters = request.headers.get("content-type", "").lower().split(";")
        charset = [each.strip() for each in parameters if each.strip().startswith("charset=")]
        if kind.strip() != JSON or charset not in ([], ["charset=utf-8"], ['charset="utf-8"']):
            raise HTTPException(415, f"Send {JSON} in UTF-8.")
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > most:
            raise _too_large(most)


def _as_read(response: Response, accept: str) -> Response:
    """Answer a well-formed request with 200 where its client knows nothing newer than JSON.

    Such a client takes any other status for a failure of the transport and reads no errors.
    """
    if response.status_code == HTTPStatus.BAD_REQUEST and names_json(accept):
        response.status_code = HTTPStatus.OK
    return response


def _unstreamed(request: GraphQLRequestData) -> GraphQLRequestData:
    """Return the request so that it is streamed only where it listens."""
    if listens(request.query, request.operation_name):
        return request
    return replace(request, protocol="http")


def _counted(receive: Receive, most: int) -> Receive:
    """Give up on a body as soon as more than ``most`` bytes of it have come."""
    came = 0

    async def counted() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > most:
            raise _too_large(most)
        return message

    return counted


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"The body is larger than {most:,} bytes. Send less at once.")
