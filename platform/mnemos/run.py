"""One process, from its settings to its end."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
from collections.abc import Callable

from mnemos import __version__, logs
from mnemos.app import create_app
from mnemos.door import Reach
from mnemos.folder import held
from mnemos.program import open_program
from mnemos.schemes import check
from mnemos.server import Server, configured, reach_of
from mnemos.settings import Settings, SettingsError

LOCAL_MODE = (
    "Local mode: no API key was made, so whoever uses this machine is the admin of the "
    "organization 'local'. `mnemos keys create` makes a key and ends it."
)

log = logging.getLogger(__name__)


def run(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until interrupted; ``say`` tells the person who started it where.

    Raises:
        SettingsError: something that was set cannot be used.
        FolderHeld: another server holds the folder.
        MnemosError: the store cannot be opened.
    """
    check(settings)
    logs.set_up(settings.log_level, settings.log_format)
    try:
        with held(settings.data) as note, _listening(settings) as listening:
            loop_factory = configured(_no_app, settings).get_loop_factory()
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                runner.run(_serve(settings, listening, note, say))
    except OSError as failure:
        raise SettingsError(
            f"MNEMOS_DATA is {settings.data}, which cannot be used: {failure.strerror}."
        ) from failure


async def _serve(
    settings: Settings,
    listening: socket.socket,
    note: Callable[[str], None],
    say: Callable[[str], None],
) -> None:
    reach = reach_of(listening)
    async with open_program(settings, reach) as program:
        if reach is Reach.ANYWHERE and not await program.keys.any_made():
            raise SettingsError(
                f"MNEMOS_HOST is {settings.host}, where others can reach it, and no API key was "
                "made. Make one first: `mnemos keys create`."
            )
        local = await program.door.is_local()

        def announce(address: str) -> None:
            note(address)
            say(f"Mnemos serves {address}/graphql")
            if local:
                say(LOCAL_MODE)
            log.info("serving version %s at %s", __version__, address)

        server = Server(
            configured(create_app(program), settings),
            settings.stop_seconds,
            program.connections.drain,
        )
        server.on_address = announce
        # What is loaded by now stays: looking through it for garbage would hold up every listener.
        gc.collect()
        gc.freeze()
        await server.serve([listening])
    log.info("stopped")


async def _no_app(*_: object) -> None:
    """Stand in where only the settings of the server are asked for."""


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
