"""What every request passes before it comes to a route, and every answer on its way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnemos.accepts import JSON
from mnemos.answers import answer, failed
from mnemos.door import Door, check_site
from mnemos.settings import OnOff, Settings
from mnemos_graph.errors import BadInput, Forbidden

NOTHING_LOADS = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

ON_EVERY_ANSWER: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": NOTHING_LOADS,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""Where a route says nothing else."""

ASKED_FIRST = ("graphql-require-preflight", "apollo-require-preflight", "x-apollo-operation-name")
"""Headers that say nothing but that a browser asked before it sent them."""

OVER_TLS = "max-age=31536000; includeSubDomains"


class SafeHeaders:
    """Tells browsers to be careful with every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ON_EVERY_ANSWER.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("strict-transport-security", OVER_TLS)
            await send(message)

        await self._app(scope, receive, safely if scope["type"] == "http" else send)


class Incidents:
    """Answers what nobody foresaw: an id for the caller, the rest for the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            """Whoever asked has left in the middle of it: nobody is there to be answered."""
        except Exception as error:  # noqa: BLE001 - the edge of the process, where it is logged
            response = failed(error)
            if scope["type"] == "websocket" and begun:
                await send({"type": "websocket.close", "code": 1011, "reason": "incident"})
            elif not begun:
                await answer(response, scope, receive, send)


class OwnSiteOnly:
    """In local mode refuses what another site's page sends, over HTTP and WebSocket alike."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await check_local(scope, self._door)
        except Forbidden as refused:
            await answer(failed(refused), scope, receive, send)
            return
        await self._app(scope, receive, send)


async def check_local(scope: Scope, door: Door) -> None:
    """In local mode refuse what another site's page sends.

    Raises:
        Forbidden: it does.
    """
    if await door.is_local():
        check_site(_lists(scope))


def check_get(headers: Mapping[str, str], settings: Settings) -> None:
    """In production refuse a GET that a page of another site could have sent.

    A browser asks the server first before it sends such a page's request with any of these headers.

    Raises:
        BadInput: it has none of them.
    """
    if settings.explore is OnOff.ON:
        return
    if JSON in headers.get("content-type", "").lower() or any(map(headers.get, ASKED_FIRST)):
        return
    raise BadInput(f"Send a GET with `{ASKED_FIRST[0]}: 1`, or use POST.")


def _lists(scope: Any) -> Mapping[str, list[str]]:
    headers = Headers(scope=scope)
    return {name: headers.getlist(name) for name in ("host", "origin")}
