"""The embedded graph store: everything in one SQLite file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

from mnemos_graph.model import START, Access, Change, Head, Position, Record, RecordId, Version
from mnemos_graph.sqlite import deriving, finding, reading, walking
from mnemos_graph.sqlite.copying import SqliteCopying
from mnemos_graph.sqlite.database import Database
from mnemos_graph.sqlite.directory import SqliteDirectory
from mnemos_graph.store import (
    ChangeSet,
    Committed,
    DerivedRef,
    Filter,
    Find,
    Page,
    Subgraph,
    VersionRef,
    View,
    checked,
)

R = TypeVar("R", bound=Record)


class SqliteStore:
    """A ``GraphStore`` in ``mnemos.db``, with who may use it, and ways to move it elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.directory = SqliteDirectory(database)
        self.copying = SqliteCopying(database)

    @classmethod
    async def open(cls, folder: Path) -> Self:
        """Open or make the file in ``folder``, with its newest tables.

        Raises:
            BadInput: a newer program wrote it.
            Unavailable: it cannot be opened.
        """
        return cls(await asyncio.to_thread(Database, folder))

    async def close(self) -> None:
        """Finish every write that was accepted, then close the file."""
        await self._database.close()

    async def scrub(self) -> None:
        """Overwrite what erased records left behind in the files. It takes longer than a write."""
        await self._database.scrub()

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        return await self._database.commit(access, change_set)

    async def get(
        self,
        access: Access,
        kind: type[R],
        ids: Collection[RecordId],
        *,
        known_at: Position | None = None,
    ) -> Mapping[RecordId, R]:
        return await self._database.read(
            lambda database: reading.get(database, access, kind, ids, known_at)
        )

    async def find(self, access: Access, questions: Sequence[Find[R]]) -> Sequence[Page[R]]:
        asked = [checked(question) for question in questions]
        return await self._database.read(
            lambda database: [finding.find(database, access, question) for question in asked]
        )

    async def search(
        self, access: Access, kind: type[R], text: str, *, where: Filter = (), first: int = 100
    ) -> Sequence[tuple[R, float]]:
        checked(Find(kind, where))
        return await self._database.read(
            lambda database: finding.search(database, access, kind, text, where=where, first=first)
        )

    async def neighbours(
        self, access: Access, around: Collection[RecordId], *, view: View, hops: int, limit: int
    ) -> Subgraph:
        return await self._database.read(
            lambda database: walking.neighbours(
                database, access, around, view=view, hops=hops, limit=limit
            )
        )

    async def versions(
        self, access: Access, kind: type[R], refs: Collection[VersionRef]
    ) -> Mapping[VersionRef, Version[R]]:
        return await self._database.read(
            lambda database: reading.versions(database, access, kind, refs)
        )

    async def changes(
        self, access: Access, *, after: Position = START, limit: int = 100
    ) -> Sequence[Change]:
        return await self._database.read(
            lambda database: reading.changes(database, access, after, limit)
        )

    async def heads(
        self, accesses: Collection[Access], *, at: datetime | None = None
    ) -> Sequence[Head]:
        return await self._database.read(lambda database: reading.heads(database, accesses, at))

    async def derive(
        self,
        access: Access,
        derived: Mapping[DerivedRef, bytes],
        *,
        drop: Collection[DerivedRef] = (),
    ) -> None:
        await self._database.write(
            lambda database: deriving.derive(database, access, derived, drop)
        )

    async def derived(
        self, access: Access, refs: Collection[DerivedRef]
    ) -> Mapping[DerivedRef, bytes]:
        return await self._database.read(lambda database: deriving.derived(database, access, refs))


@asynccontextmanager
async def open_sqlite(folder: Path) -> AsyncGenerator[SqliteStore, None]:
    """Open or make the file in ``folder``, and close it in the end.

    Raises:
        BadInput: a newer program wrote it.
        Unavailable: it cannot be opened.
    """
    store = await SqliteStore.open(folder)
    try:
        yield store
    finally:
        await store.close()
