"""The memory in a command's own process: the application without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import replace

import httpx
from starlette.types import ASGIApp, Message

from mnemos.app import create_app
from mnemos.client import AsyncClient
from mnemos.door import Reach
from mnemos.folder import held
from mnemos.part_url import PartUrl
from mnemos.program import open_program
from mnemos.schemes import check, owns_folder
from mnemos.settings import Settings
from mnemos.wiring import Opened, open_parts
from mnemos_graph.directory import Directory
from mnemos_graph.identity import Keys

_HERE = "http://localhost"


@asynccontextmanager
async def client(settings: Settings, patience: float) -> AsyncGenerator[AsyncClient, None]:
    """Hold the data folder and give a client of the memory in it; it waits ``patience`` seconds.

    Raises:
        SettingsError: what is set cannot be used.
        FolderHeld: somebody else holds the folder.
        MnemosError: the store cannot be opened.
    """
    check(settings)
    with _folder(settings):
        async with (
            open_program(settings, Reach.PROCESS) as program,
            AsyncClient(_HERE, timeout=patience, transport=Within(create_app(program))) as client,
        ):
            yield client


@asynccontextmanager
async def directory(settings: Settings) -> AsyncGenerator[tuple[Directory, Keys], None]:
    """Give the organizations of the store, and their keys.

    Raises:
        SettingsError: what is set cannot be used.
        FolderHeld: the store is in the data folder, and somebody else holds it.
        MnemosError: the store cannot be opened.
    """
    async with parts(settings) as opened:
        yield opened.directory, Keys(opened.directory, opened.parts.clock)


def _folder(settings: Settings) -> AbstractContextManager[object]:
    """Hold the data folder, if something that is opened is kept in it."""
    return held(settings.data) if owns_folder(settings) else nullcontext()


@asynccontextmanager
async def parts(settings: Settings) -> AsyncGenerator[Opened, None]:
    """Open the store and what is said beside it, without anything that searches or understands.

    Raises:
        SettingsError: what is set cannot be used.
        FolderHeld: the store is in the data folder, and somebody else holds it.
        MnemosError: the store cannot be opened.
    """
    none = PartUrl("none:")
    few = replace(settings, vectors=none, embedder=none, model=none)
    check(few)
    with _folder(few):
        async with open_parts(few) as opened:
            yield opened


class Within(httpx.AsyncBaseTransport):
    """Hands requests to an application, and its answers back as they are made.

    httpx's own transport keeps an answer until it is whole, which an export of everything is not
    meant to be.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _Exchange(request)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "server": ("localhost", None),
            "client": ("127.0.0.1", 0),
            "root_path": "",
        }
        running = asyncio.ensure_future(self._app(scope, exchange.receive, exchange.send))
        running.add_done_callback(exchange.end)
        start = await exchange.heard()
        if start is None:
            await running
            raise httpx.RemoteProtocolError("The application gave no answer.", request=request)
        return httpx.Response(
            start["status"], headers=start["headers"], stream=_Body(exchange, running)
        )


class _Exchange:
    """One request on its way in, and its answer on its way out."""

    def __init__(self, request: httpx.Request) -> None:
        assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101 - httpx promises it
        self._sent = aiter(request.stream)
        self._answer: asyncio.Queue[Message | None] = asyncio.Queue(maxsize=4)
        self._gone = asyncio.Event()
        self._all_sent = False

    async def receive(self) -> Message:
        if self._all_sent:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        async for chunk in self._sent:
            return {"type": "http.request", "body": chunk, "more_body": True}
        self._all_sent = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Message) -> None:
        await self._answer.put(message)

    async def heard(self) -> Message | None:
        """Return the application's next message; None: there is no more."""
        return await self._answer.get()

    def end(self, running: asyncio.Future[None]) -> None:
        self._gone.set()
        with suppress(asyncio.QueueFull):
            self._answer.put_nowait(None)


class _Body(httpx.AsyncByteStream):
    def __init__(self, exchange: _Exchange, running: asyncio.Future[None]) -> None:
        self._exchange = exchange
        self._running = running

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while message := await self._exchange.heard():
            yield message.get("body", b"")
            if not message.get("more_body"):
                break
        await self._running

    async def aclose(self) -> None:
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running
