"""A provider on a real socket of this machine: it speaks a dialect, and does what it is told to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.models.deeds import HUGE_BYTES, Deed, Does, Fails, Says
from tests.models.dialects import Anthropic, Gemini, Heard, OpenAI

Dialect: TypeAlias = OpenAI | Gemini | Anthropic
P = TypeVar("P", bound="Provider")


class Provider:
    """Does its deeds one after another, and the last one for ever."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.deeds: list[Deed] = [Says()]
        self.heard: list[Heard] = []
        self.at_once = 0
        self.most_at_once = 0
        self.pause = 0.0
        """Seconds before each answer."""
        self.at = ""

    def will(self, *deeds: Deed) -> None:
        self.deeds = list(deeds)

    @property
    def body(self) -> Any:
        """What was asked last."""
        return self.heard[-1].body

    async def answer(self, request: Request) -> Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._answer(request)
        finally:
            self.at_once -= 1

    async def _answer(self, request: Request) -> Response:
        body = await request.json() if request.method == "POST" else None
        heard = Heard(request.url.path, dict(request.query_params), dict(request.headers), body)
        if not self.dialect.knows(heard):
            return self._failed(Fails(status=401, kind="authentication_error"))
        if request.method == "GET":
            looked = request.url.path == self.dialect.look
            return JSONResponse(self.dialect.looked()) if looked else self._failed(_UNKNOWN)
        if request.url.path.partition(":")[0] != self.dialect.path.partition(":")[0]:
            return self._failed(_UNKNOWN)
        self.heard.append(heard)
        if complaint := self.dialect.complaint(heard):
            return self._failed(Fails(status=400, message=complaint))
        deed = self.deed(heard)
        await asyncio.sleep(self.pause)
        return await self._done(deed, streams=self.dialect.streams(heard))

    def deed(self, heard: Heard) -> Deed:
        """Return what to do about a request."""
        return self.deeds.pop(0) if len(self.deeds) > 1 else self.deeds[0]

    async def _done(self, deed: Deed, *, streams: bool) -> Response:
        if isinstance(deed, Fails):
            return self._failed(deed)
        if deed is Does.HANGS:
            await asyncio.sleep(60)
        if streams:
            return StreamingResponse(self._streamed(deed), media_type="text/event-stream")
        if isinstance(deed, Says):
            return JSONResponse(self.dialect.whole(deed))
        if deed is Does.JUNK:
            return Response("<html>Bad Gateway</html>", media_type="application/json")
        if deed is Does.ANOTHER_SHAPE:
            return JSONResponse({"choices": "none", "candidates": 7, "content": [3]})
        return StreamingResponse(_broken(deed), media_type="application/json")

    async def _streamed(self, deed: Deed) -> AsyncIterator[bytes]:
        if deed is Does.JUNK:
            yield b"event: message_start\ndata: <html>\n\n"
            return
        if deed is Does.ANOTHER_SHAPE:
            yield b'event: message_start\ndata: {"type": "message_start", "choices": 3, '
            yield b'"candidates": "none"}\n\n'
            return
        if deed is Does.HUGE:
            async for chunk in _broken(deed):
                yield chunk
            return
        said = deed if isinstance(deed, Says) else Says()
        events = list(self.dialect.stream(said))
        if not isinstance(deed, Says):
            events = events[: len(events) // 2]
        if deed is Does.TELLS_LATE:
            events.append(self.dialect.late(Fails(status=529, kind="overloaded_error")))
        whole = "".join(events).encode()
        for start in range(0, len(whole), 61):  # events and characters are cut anywhere
            yield whole[start : start + 61]
            await asyncio.sleep(0)
        if deed is Does.BREAKS:
            raise _Lost

    def _failed(self, fails: Fails) -> Response:
        body = self.dialect.failure(fails)
        return JSONResponse(body, fails.status, headers=dict(fails.headers))


_UNKNOWN = Fails(status=404, kind="not_found_error")


class _Lost(Exception):
    """Makes the server drop the connection."""


async def _broken(deed: Deed) -> AsyncIterator[bytes]:
    yield b'{"model": "'
    if deed is Does.HUGE:
        for _ in range(HUGE_BYTES // 65_536):
            yield b"x" * 65_536
        yield b'"}'
        return
    raise _Lost


@asynccontextmanager
async def provider_of(dialect: Dialect) -> AsyncGenerator[Provider, None]:
    """Serve a provider on a free port; ``at`` is its address."""
    async with served(Provider(dialect)) as provider:
        yield provider


@asynccontextmanager
async def served(provider: P) -> AsyncGenerator[P, None]:
    """Serve a provider on a free port; ``at`` is its address."""
    route = Route("/{path:path}", provider.answer, methods=["GET", "POST"])
    async with serving(Starlette(routes=[route])) as provider.at:
        yield provider


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncGenerator[str, None]:
    """Serve an app on a free port of this machine; give its address."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, log_level=100)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    await server.startup([listening])
    try:
        yield "http://{}:{}".format(*listening.getsockname())
    finally:
        for each in server.servers:
            each.close()
        listening.close()
        state = server.server_state
        for task in list(state.tasks):
            task.cancel()
        async with asyncio.timeout(5):
            while state.connections or state.tasks:
                for connection in list(state.connections):
                    connection.shutdown()
                await asyncio.sleep(0.001)
