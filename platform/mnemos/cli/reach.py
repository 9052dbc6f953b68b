"""Whom a command speaks to: the server that is named or that runs, else the memory itself.

Where no server holds the data folder, the command holds it for as long as it runs and carries out
the same requests within its own process. The program behind the server is loaded only then.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, TypeVar

from mnemos.client import AsyncClient
from mnemos.folder import server_address
from mnemos.settings import Settings

T = TypeVar("T")

LONG = 600.0
"""Seconds that a command waits for one answer: large imports are read before they are answered."""


def asking(work: Callable[[AsyncClient], Awaitable[T]]) -> T:
    """Carry ``work`` out with a client of whom this command speaks to.

    Raises:
        MnemosError: a request was refused, or nobody answers.
        SettingsError: what is set cannot be used.
        FolderHeld: another command holds the data folder.
    """
    return asyncio.run(_asked(work))


async def _asked(work: Callable[[AsyncClient], Awaitable[T]]) -> T:
    async with reached() as client:
        return await work(client)


@asynccontextmanager
async def reached() -> AsyncGenerator[AsyncClient, None]:
    """Give a client of the server in MNEMOS_URL, of the one that runs, or of this process."""
    settings = Settings.load({})
    if at := await server(settings):
        async with AsyncClient(at, timeout=LONG) as client:
            yield client
    else:
        async with inside().client(settings, LONG) as client:
            yield client


async def server(settings: Settings) -> str | None:
    """Return the address of the server that commands speak to; None: there is none."""
    return os.environ.get("MNEMOS_URL") or await asyncio.to_thread(server_address, settings.data)


def inside() -> Any:
    """Load what carries requests out in this process."""
    return import_module("mnemos.cli.inside")
