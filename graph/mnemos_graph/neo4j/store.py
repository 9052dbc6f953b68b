"""The production graph store: records as nodes of Neo4j, references as relationships."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from mnemos_graph.committing import Wanted
from mnemos_graph.model import START, Access, Change, Head, Position, Record, Version
from mnemos_graph.neo4j import deriving, group, reading
from mnemos_graph.neo4j.address import Address
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.copying import Neo4jCopying
from mnemos_graph.neo4j.deriving import Deriver
from mnemos_graph.neo4j.directory import Neo4jDirectory
from mnemos_graph.neo4j.failures import outcome
from mnemos_graph.neo4j.finding import Statement
from mnemos_graph.neo4j.lanes import Lanes
from mnemos_graph.neo4j.migrations import migrate
from mnemos_graph.neo4j.questions import Questions
from mnemos_graph.neo4j.seals import Seals
from mnemos_graph.store import ChangeSet, Committed, DerivedRef, VersionRef

R = TypeVar("R", bound=Record)


class Neo4jStore(Questions):
    """A ``GraphStore`` in Neo4j, with the directory of who may use it. It belongs to one loop."""

    def __init__(self, bolt: Bolt) -> None:
        super().__init__(self._put)
        self._bolt = bolt
        self._seals = Seals()
        self._lanes = Lanes(partial(group.commit, bolt))
        self._deriver = Deriver(bolt)
        self.directory = Neo4jDirectory(bolt)
        self.copying = Neo4jCopying(bolt)

    async def close(self) -> None:
        """Finish every write that was accepted, then close the connections."""
        await self._lanes.close()
        await self._deriver.close()
        await self._bolt.close()

    async def ping(self) -> None:
        """See whether Neo4j answers.

        Raises:
            Unavailable: it does not.
        """
        await self._bolt.ping()

    async def scrub(self) -> None:
        """Nothing is left to do: what is erased is gone from every node and index at once.

        The server's files may hold it until they are written over or its logs are dropped.
        """

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        try:
            wanted = Wanted.of(access, change_set)
        except UnicodeEncodeError as half:
            raise (outcome(half, self._bolt.place) or half) from half
        return await self._lanes.hand(wanted)

    async def versions(
        self, access: Access, kind: type[R], refs: Collection[VersionRef]
    ) -> Mapping[VersionRef, Version[R]]:
        self._seals.check(access.organization)
        return await reading.versions(self._bolt, access, kind, refs)

    async def changes(
        self, access: Access, *, after: Position = START, limit: int = 100
    ) -> Sequence[Change]:
        self._seals.check(access.organization)
        return await reading.changes(self._bolt, access, after, limit)

    async def heads(
        self, accesses: Collection[Access], *, at: datetime | None = None
    ) -> Sequence[Head]:
        return await reading.heads(self._bolt, self._seals, accesses, at)

    async def derive(
        self,
        access: Access,
        derived: Mapping[DerivedRef, bytes],
        *,
        drop: Collection[DerivedRef] = (),
    ) -> None:
        await self._deriver.derive(access, derived, drop)

    async def derived(
        self, access: Access, refs: Collection[DerivedRef]
    ) -> Mapping[DerivedRef, bytes]:
        self._seals.check(access.organization)
        return await deriving.derived(self._bolt, access, refs)

    async def _put(self, asked: Statement) -> Sequence[Sequence[Any]]:
        statement, parameters = asked
        self._seals.check(parameters["org"])
        return await self._bolt.read(statement, parameters)


@asynccontextmanager
async def open_neo4j(url: str) -> AsyncIterator[Neo4jStore]:
    """Connect to ``neo4j://user:password@host:7687[/database]`` and bring its database up to date.

    Raises:
        BadInput: the address, the user or the password is wrong, or Neo4j is too old.
        Unavailable: Neo4j does not answer, or still builds an index.
    """
    bolt = Bolt(Address.of(url))
    try:
        await migrate(bolt)
    except BaseException as failure:
        await bolt.close()
        told = outcome(failure, bolt.place)
        raise (told or failure) from failure
    store = Neo4jStore(bolt)
    try:
        yield store
    finally:
        await store.close()
