"""`mnemos serve`, from its settings to its end: one process, or several that share an address."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from uvicorn.loops.auto import auto_loop_factory

from mnemos import __version__, logs
from mnemos.folder import held, noted
from mnemos.heap import give_large_blocks_back
from mnemos.schemes import check, owns_folder
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
    give_large_blocks_back()
    logs.set_up(settings.log_level, settings.log_format)
    with _folder(settings) as note:

        def announce(address: str, local: bool) -> None:  # noqa: FBT001 - as a worker tells it
            note(address)
            say(f"Mnemos serves {address}/graphql")
            if local:
                say(LOCAL_MODE)
            log.info("serving version %s at %s", __version__, address)

        if settings.workers == 1:
            _alone(settings, announce)
        else:
            _several(settings, announce)


def _alone(settings: Settings, announce: Callable[[str, bool], None]) -> None:
    """Answer in this process."""
    serve = _loaded("mnemos.serving").serve
    with (
        _listening(settings) as listening,
        asyncio.Runner(loop_factory=auto_loop_factory()) as runner,
    ):
        runner.run(serve(settings, listening, lambda bound: bound, announce))


def _several(settings: Settings, announce: Callable[[str, bool], None]) -> None:
    """Keep workers that answer. What they answer with is loaded in each of them, not here."""
    with _listening(settings) as listening:
        _loaded("mnemos.workers").keep(settings, listening, announce)


@contextmanager
def _folder(settings: Settings) -> Generator[Callable[[str], None]]:
    """Hold the data folder if what is in it is this server's alone; give what notes its address."""
    try:
        with (held if owns_folder(settings) else noted)(settings.data) as note:
            yield note
    except OSError as failure:
        raise SettingsError(
            f"MNEMOS_DATA is {settings.data}, which cannot be used: {failure.strerror}."
        ) from failure


def _loaded(module: str) -> Any:
    """Load what only one of the ways to serve needs."""
    return import_module(module)


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
