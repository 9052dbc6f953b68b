"""The program, opened: everything that its doors lead to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mnemos.connections import Connections
from mnemos.documents import Documents
from mnemos.door import Door, Reach
from mnemos.newcomers import Newcomers
from mnemos.settings import OnOff, Settings
from mnemos.wiring import Opened, Ping, open_parts
from mnemos_graph.ending import end
from mnemos_graph.identity import Caller, Keys
from mnemos_graph.language.bills import Bill
from mnemos_graph.memory.services import Services, open_services
from mnemos_schema.context import Context
from mnemos_schema.reading import Greeting, Stretch
from mnemos_schema.turns import Turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    settings: Settings
    services: Services
    keys: Keys
    door: Door
    newcomers: Newcomers
    turns: Turns
    connections: Connections
    documents: Documents
    away: frozenset[str]
    """Parts that were chosen and could not be opened."""
    pings: Mapping[str, Ping]
    """The servers that it stands on, by the setting that chooses each."""
    books: Bill
    """What language models were used for."""
    began: float
    """When it was opened, in seconds of the monotonic clock."""

    def context(self, caller: Caller, reading: Greeting | Stretch | None = None) -> Context:
        """Return the context of one operation of ``caller``."""
        return Context(
            caller,
            self.services,
            self.keys,
            operation_seconds=self.settings.operation_seconds,
            introspection=self.settings.explore is OnOff.ON,
            turns=self.turns,
            reading=reading,
        )


@asynccontextmanager
async def open_program(
    settings: Settings, reach: Reach = Reach.MACHINE
) -> AsyncGenerator[Program, None]:
    """Open what the settings choose. ``reach``: from where it will be asked.

    Raises:
        MnemosError: a part cannot be opened.
    """
    async with (
        open_parts(settings) as opened,
        program_over(opened, settings, reach) as program,
    ):
        yield program


@asynccontextmanager
async def program_over(
    opened: Opened, settings: Settings, reach: Reach = Reach.MACHINE
) -> AsyncGenerator[Program, None]:
    """Open the program over parts that somebody else opened, and closes.

    Raises:
        SettingsError: what is set cannot be used.
        MnemosError: a part cannot be opened.
    """
    documents = Documents.by(settings)
    keys = Keys(opened.directory, opened.parts.clock)
    door = Door(keys, settings, reach, opened.buckets)
    connections = Connections(door)
    async with open_services(opened.parts) as services:
        watching = asyncio.create_task(connections.watch(), name="watch credentials")
        try:
            yield Program(
                settings=settings,
                services=services,
                keys=keys,
                door=door,
                newcomers=Newcomers(door),
                turns=Turns(),
                connections=connections,
                documents=documents,
                away=opened.away,
                pings=opened.pings,
                books=opened.books,
                began=time.monotonic(),
            )
        finally:
            await end(watching)
