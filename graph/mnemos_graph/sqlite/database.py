"""The file `mnemos.db`: one thread that writes, a few that read, and callers that only await."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from mnemos_graph.errors import Unavailable
from mnemos_graph.model import Access
from mnemos_graph.sqlite.connection import connect
from mnemos_graph.sqlite.migrations import migrate
from mnemos_graph.sqlite.readers import Readers
from mnemos_graph.sqlite.writer import Handed, Writer
from mnemos_graph.store import ChangeSet, Committed

T = TypeVar("T")

_OPTIMISE = "INSERT INTO full_text (full_text) VALUES ('optimize')"


class Database:
    """Its methods may be called from any event loop; each answer comes to the loop that asked."""

    def __init__(self, folder: Path) -> None:
        """Open the file, make it where there is none, and bring its tables up to date.

        Raises:
            BadInput: a newer program wrote it.
            Unavailable: it cannot be opened.
        """
        database = connect(folder)
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
        self._folder = folder
        self._writer = Writer(database)
        self._readers = Readers(folder)
        self._turn = Lock()
        self._closed = False

    async def read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Return what ``question`` finds in one snapshot, not older than this call."""
        return await self._asked(self._readers.ask, question)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what ``work`` does, durably; if it raises a ``MnemosError`` it did nothing."""
        return await self._asked(self._writer.hand, work)

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        committed: Committed = await self._asked(self._writer.hand, Handed(access, change_set))
        return committed

    async def scrub(self) -> None:
        """Leave nothing of what was erased in the files: neither in full text nor in the WAL."""
        await self.write(lambda database: database.execute(_OPTIMISE))
        await asyncio.to_thread(self._truncate)

    async def close(self) -> None:
        """Finish what was accepted, then close the file. A second call does nothing."""
        with self._turn:
            if self._closed:
                return
            self._closed = True
        await asyncio.to_thread(self._end)

    def _truncate(self) -> None:
        with closing(connect(self._folder)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _end(self) -> None:
        self._writer.close()
        self._readers.close()

    async def _asked(self, hand: Callable[[Any, asyncio.Future[T]], None], what: object) -> T:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._turn:
            if self._closed:
                raise Unavailable("The store is closed. Ask again when Mnemos runs.")
            hand(what, future)
        return await future
