"""What browsers are given: the explorer at the API's own address, and its files.

Everything comes from this server, so the pages' policy allows nothing else. The explorer's editor
sets styles of its own, so styles may stand inline; scripts may not.
"""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUILT = Path(__file__).with_name("web")
"""Where `frontend/` is built to; in a wheel, a part of it."""

_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Vary": "Accept",
}
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_NOT_BUILT = (
    "The explorer is not built. Run `make web` where frontend/ is; the API works without it."
)


class Browsable:
    """An API that shows its explorer to whoever asks its address for a page."""

    def __init__(self, api: ASGIApp, built: Path = BUILT, *, shown: bool = True) -> None:
        self._api = api
        self._page = built / "index.html"
        self._shown = shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._shown and scope["type"] == "http" and _wants_a_page(scope):
            await self._explorer()(scope, receive, send)
        else:
            await self._api(scope, receive, send)

    def _explorer(self) -> Response:
        if not self._page.exists():
            return PlainTextResponse(_NOT_BUILT, 404)
        return FileResponse(self._page, headers=_PAGE_HEADERS)


class Assets(StaticFiles):
    """Built files: those with a hash in their name never change."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:  # noqa: PLR2004
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                hashed = "/assets/" in scope["path"]
                headers["Cache-Control"] = _FOR_A_YEAR if hashed else "no-cache"
            await send(message)

        await super().__call__(scope, receive, told)


def pages(built: Path = BUILT) -> list[BaseRoute]:
    """Return the routes of what only browsers ask for."""
    home = Route("/", _to_the_explorer)
    return [home, Mount("/web", Assets(directory=built))] if built.is_dir() else [home]


async def _to_the_explorer(_: Request) -> Response:
    return RedirectResponse("/graphql")


def _wants_a_page(scope: Scope) -> bool:
    asked = b"query=" in scope["query_string"]
    return (
        scope["method"] in {"GET", "HEAD"}
        and not asked
        and "text/html" in Headers(scope=scope).get("accept", "")
    )
