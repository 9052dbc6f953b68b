"""One process, from its settings to its end."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

from mnemos import local
from mnemos.app import create_app
from mnemos.folder import held
from mnemos.server import Server
from mnemos.settings import Settings, SettingsError
from mnemos.wiring import check, open_parts
from mnemos_graph.memory.services import Services, open_services


def run(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until interrupted; ``say`` tells the person who started it where.

    Raises:
        SettingsError: something that was set cannot be used.
        FolderHeld: another server holds the folder.
        MnemosError: the store cannot be opened.
    """
    check(settings)
    try:
        with held(settings.data) as note, _listening(settings) as listening:

            def announce(address: str) -> None:
                note(address)
                say(f"Mnemos serves {address}/graphql")

            app = create_app(lambda: _services(settings), local.authenticate)
            with suppress(KeyboardInterrupt):
                Server(app, announce).run([listening])
    except OSError as failure:
        raise SettingsError(
            f"MNEMOS_DATA is {settings.data}, which cannot be used: {failure.strerror}."
        ) from failure


def _listening(settings: Settings) -> socket.socket:
    host, port = settings.host, settings.port
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as unknown:
        raise SettingsError(f"MNEMOS_HOST is {host!r}, which is no address here.") from unknown
    try:
        return socket.create_server(address, family=family)
    except OSError as failure:
        raise SettingsError(
            f"Port {port} cannot be listened on at {host}: {os.strerror(failure.errno or 0)}. "
            "Give another in MNEMOS_PORT or with --port."
        ) from failure


@asynccontextmanager
async def _services(settings: Settings) -> AsyncGenerator[Services, None]:
    async with open_parts(settings) as opened, open_services(opened.parts) as services:
        yield services
