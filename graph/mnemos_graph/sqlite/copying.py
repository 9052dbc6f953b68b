"""An organization as rows, read from the file and written to it as they are."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

from mnemos_graph.committing import Entry, needed_for, restore
from mnemos_graph.model import (
    ChangeKind,
    CommitId,
    Head,
    OrganizationId,
    Partition,
    Position,
    RecordId,
    RecordKind,
)
from mnemos_graph.model.instants import instant
from mnemos_graph.sqlite.batch import Batch
from mnemos_graph.sqlite.columns import TABLES, chunked
from mnemos_graph.sqlite.database import Database
from mnemos_graph.sqlite.ledger import load, numbered
from mnemos_graph.sqlite.rows import Rows
from mnemos_graph.store import Committed, DerivedRef
from mnemos_graph.store.copying import (
    KeptBytes,
    KeptCommit,
    KeptFence,
    KeptVersion,
    Row,
    Seal,
    Section,
    Standing,
    check_log,
)

_COMMITS = """
WITH page AS (
  SELECT commit_id, first, last FROM committed
  WHERE org = ?1 AND commit_id > ?2 ORDER BY commit_id LIMIT ?3
)
SELECT page.commit_id, page.first, page.last,
  position, commit_end, change, kind, id, version, user_id, agent_id, session_id, actor, at
FROM page LEFT JOIN change_log AS log
  ON log.org = ?1 AND log.position BETWEEN page.first AND page.last
ORDER BY page.commit_id, position
"""
_WITH_ORGANIZATION = (
    *(table.name for table in TABLES.values()),
    *("record", "natural_key", "link", "change_log", "committed", "fence", "derived"),
)


class SqliteCopying:
    """``Copying`` over `mnemos.db`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stored(self) -> Mapping[OrganizationId, Seal | None]:
        return await self._database.read(_stored)

    async def standing(self, organization: OrganizationId) -> Standing | None:
        return await self._database.read(lambda database: _standing(database, organization))

    async def seal(self, organization: OrganizationId, seal: Seal | None) -> None:
        await self._database.write(lambda database: _seal(database, organization, seal))

    async def read(
        self,
        organization: OrganizationId,
        section: Section,
        *,
        after: Row | None = None,
        limit: int = 500,
    ) -> Sequence[Row]:
        return await self._database.read(
            lambda database: _read(database, organization, section, after, limit)
        )

    async def begin(self, organization: OrganizationId) -> None:
        await self._database.write(lambda database: _begin(database, organization))

    async def write(self, organization: OrganizationId, rows: Sequence[Row]) -> None:
        await self._database.write(lambda database: _write(database, organization, rows))

    async def finish(self, organization: OrganizationId, head: Head) -> None:
        await self._database.write(lambda database: _finish(database, organization, head))


def _stored(database: sqlite3.Connection) -> Mapping[OrganizationId, Seal | None]:
    rows = database.execute("SELECT id, seal FROM organization ORDER BY id")
    return {OrganizationId(id_): Seal.kept(seal) for id_, seal in rows}


def _standing(database: sqlite3.Connection, organization: OrganizationId) -> Standing | None:
    row = database.execute(
        "SELECT org, epoch, began, seal FROM organization WHERE id = ?", (organization,)
    ).fetchone()
    if row is None:
        return None
    org, epoch, began, seal = row
    last, _ = _log(database, org)
    return Standing(Head(epoch, last, Position(began)), Seal.kept(seal))


def _seal(database: sqlite3.Connection, organization: OrganizationId, seal: Seal | None) -> None:
    org, _ = numbered(database, organization)
    database.execute("UPDATE organization SET seal = ? WHERE org = ?", (seal, org))


def _read(
    database: sqlite3.Connection,
    organization: OrganizationId,
    section: Section,
    after: Row | None,
    limit: int,
) -> Sequence[Row]:
    org, _ = numbered(database, organization)
    if section is Section.VERSIONS:
        return _versions(database, org, cast("KeptVersion | None", after), limit)
    if section is Section.COMMITS:
        return _commits(database, org, cast("KeptCommit | None", after), limit)
    if section is Section.FENCES:
        return _fences(database, org, cast("KeptFence | None", after), limit)
    return _bytes(database, org, cast("KeptBytes | None", after), limit)


def _begin(database: sqlite3.Connection, organization: OrganizationId) -> None:
    org, _ = numbered(database, organization)
    database.execute(
        "DELETE FROM full_text WHERE rowid IN (SELECT row FROM record WHERE org = ?)", (org,)
    )
    for table in _WITH_ORGANIZATION:
        database.execute(f"DELETE FROM {table} WHERE org = ?", (org,))
    database.execute(
        "UPDATE organization SET epoch = 1, began = 0, seal = ? WHERE org = ?", (Seal.FILLING, org)
    )


def _write(database: sqlite3.Connection, organization: OrganizationId, rows: Sequence[Row]) -> None:
    org, _ = numbered(database, organization)
    batch = Batch(database)
    restore(load(database, org, needed_for(rows)), Rows(org, batch), rows)
    batch.write()
    database.executemany(
        "INSERT OR REPLACE INTO derived VALUES (?, ?, ?, ?, ?)",
        [(org, *row.ref, row.data) for row in rows if isinstance(row, KeptBytes)],
    )


def _finish(database: sqlite3.Connection, organization: OrganizationId, head: Head) -> None:
    org, _ = numbered(database, organization)
    last, entries = _log(database, org)
    check_log(organization, head, last=last, entries=entries)
    database.execute(
        "UPDATE organization SET epoch = ?, began = ?, seal = NULL WHERE org = ?",
        (head.epoch, head.began, org),
    )


def _log(database: sqlite3.Connection, org: int) -> tuple[Position, int]:
    """Return the log's last position, and how many entries it has."""
    last, entries = database.execute(
        "SELECT coalesce(max(position), 0), count(*) FROM change_log WHERE org = ?", (org,)
    ).fetchone()
    return Position(last), entries


def _versions(
    database: sqlite3.Connection, org: int, after: KeptVersion | None, limit: int
) -> list[Row]:
    behind = (after.record.id, after.record.version) if after else ("", 0)
    held = database.execute(
        "SELECT id, kind, live, version FROM record WHERE org = ? AND id >= ? ORDER BY id LIMIT ?",
        (org, behind[0], limit + 1),
    ).fetchall()
    by_kind = defaultdict[str, list[str]](list)
    for id_, kind, *_ in held:
        by_kind[kind].append(id_)
    current = {(id_, version) for id_, _, live, version in held if live}
    found = [
        row
        for kind, ids in by_kind.items()
        for row in _of_kind(database, org, RecordKind(kind), ids, current)
        if (row.record.id, row.record.version) > behind
    ]
    found.sort(key=lambda row: (row.record.id, row.record.version))
    return list(found[:limit])


def _of_kind(
    database: sqlite3.Connection,
    org: int,
    kind: RecordKind,
    ids: list[str],
    current: set[tuple[str, int]],
) -> list[KeptVersion]:
    table, found = TABLES[kind], dict[tuple[str, int], KeptVersion]()
    for marks, chunk in chunked(ids):
        rows = database.execute(
            "SELECT id, version, change, reason, actor, at, born, body "
            f"FROM {table.name} WHERE org = ? AND id IN ({marks})",
            (org, *chunk),
        )
        for id_, version, change, reason, actor, at, born, body in rows:
            found[id_, version] = KeptVersion(
                table.decode(body),
                ChangeKind(change),
                reason,
                actor,
                instant(at),
                Position(born),
                current=(id_, version) in current,
            )
    return list(found.values())


def _commits(
    database: sqlite3.Connection, org: int, after: KeptCommit | None, limit: int
) -> list[Row]:
    rows = database.execute(_COMMITS, (org, after.id if after else "", limit))
    return [
        KeptCommit(
            CommitId(id_),
            Committed(Position(first), Position(last)),
            tuple(Entry(*row[3:]).to_change() for row in own if row[3] is not None),
        )
        for (id_, first, last), own in groupby(rows, key=itemgetter(0, 1, 2))
    ]


def _fences(
    database: sqlite3.Connection, org: int, after: KeptFence | None, limit: int
) -> list[Row]:
    rows: Any = database.execute(
        "SELECT partition, position FROM fence WHERE org = ? AND (? IS NULL OR partition > ?) "
        "ORDER BY partition LIMIT ?",
        (org, after and after.partition, after and after.partition, limit),
    )
    return [KeptFence(Partition(partition), Position(position)) for partition, position in rows]


def _bytes(
    database: sqlite3.Connection, org: int, after: KeptBytes | None, limit: int
) -> list[Row]:
    rows = database.execute(
        "SELECT id, version, generation, data FROM derived "
        "WHERE org = ? AND (id, version, generation) > (?, ?, ?) "
        "ORDER BY id, version, generation LIMIT ?",
        (org, *(after.ref if after else ("", 0, "")), limit),
    )
    return [
        KeptBytes(DerivedRef(RecordId(id_), version, generation), data)
        for id_, version, generation, data in rows
    ]
