"""What one process that answers does, be it the only one or one of several."""

from __future__ import annotations

import gc
import logging
import socket
from collections.abc import Callable

from mnemos.app import create_app
from mnemos.door import Reach
from mnemos.program import open_program
from mnemos.server import Server, configured, reach_of
from mnemos.settings import Settings, SettingsError

Listen = Callable[[socket.socket], socket.socket]
"""Gives the socket to answer at, as soon as there is something to answer with."""
Ready = Callable[[str, bool], None]
"""Is told the address that is served, and whether in local mode."""

log = logging.getLogger(__name__)


async def serve(settings: Settings, bound: socket.socket, listen: Listen, ready: Ready) -> None:
    """Open the program and answer at the address of ``bound``, until a signal says to stop.

    Raises:
        SettingsError: something that was set cannot be used.
        MnemosError: a part cannot be opened.
    """
    reach = reach_of(bound)
    async with open_program(settings, reach) as program:
        if reach is Reach.ANYWHERE and not await program.keys.any_made():
            raise SettingsError(
                f"MNEMOS_HOST is {settings.host}, where others can reach it, and no API key was "
                "made. Make one first: `mnemos keys create`."
            )
        local = await program.door.is_local()
        server = Server(
            configured(create_app(program), settings),
            settings.stop_seconds,
            program.connections.drain,
        )
        server.on_address = lambda address: ready(address, local)
        # What is loaded by now stays: looking through it for garbage would hold up every listener.
        gc.collect()
        gc.freeze()
        await server.serve([listen(bound)])
    log.info("stopped")
