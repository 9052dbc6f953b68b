"""Answers outside of GraphQL: always JSON, always with a code."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mnemos_graph.errors import MnemosError
from mnemos_schema.errors import formatted, refusal, request_status


def json_response(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def refused(
    status: int, reason: str, headers: Mapping[str, str] | None = None, *, code: str | None = None
) -> Response:
    """Answer what HTTP itself refuses; ``code`` where it is not the status' own."""
    told = refusal(status, reason)
    response = json_response(
        {"errors": [told | {"extensions": {"code": code}} if code else told]}, status
    )
    response.headers.update(headers or {})
    return response


def failed(error: Exception) -> Response:
    """Answer an error: as itself where it was foreseen, else as an incident, which is logged."""
    told: dict[str, Any] = formatted(error)
    response = json_response({"errors": [told]}, request_status([told]))
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response.headers["www-authenticate"] = "Bearer"
    if isinstance(error, MnemosError) and error.retryable:
        response.headers["retry-after"] = "1"
    return response


async def answer(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send ``response``, also where it refuses a WebSocket that is not open yet."""
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await response(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1008})
