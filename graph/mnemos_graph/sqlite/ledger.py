"""What one organization holds, as far as a group of change sets needs it.

Loaded once for a group, then kept up with every set that passed: so a set is checked against what
the sets before it wrote, without asking the file again.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from mnemos_graph.model import (
    CommitId,
    OrganizationId,
    Partition,
    Position,
    Record,
    RecordId,
    RecordKind,
)
from mnemos_graph.sqlite.columns import TABLES, chunked
from mnemos_graph.store import Committed


class Held(NamedTuple):
    """The last version of a record, which may be a deletion."""

    kind: RecordKind
    partition: Partition
    version: int
    live: bool
    row: int
    record: Record | None = None
    """Loaded only where the record itself is touched."""


class Ledger:
    """One organization's state before and within a group."""

    def __init__(self, database: sqlite3.Connection, organization: OrganizationId) -> None:
        self._database = database
        self.org = _number(database, organization)
        self.position, self.at = self._end()
        self.records: dict[RecordId, Held] = {}
        self.keys: dict[bytes, RecordId | None] = {}
        self.fences: dict[Partition, Position] = {}
        self.commits: dict[CommitId, Committed] = {}

    def load_commits(self, ids: Collection[CommitId]) -> None:
        asked = "SELECT commit_id, first, last FROM committed WHERE org = ? AND commit_id IN"
        for commit_id, first, last in self._rows(asked, ids):
            self.commits[CommitId(commit_id)] = Committed(Position(first), Position(last))

    def load_keys(self, digests: Collection[bytes]) -> None:
        asked = "SELECT digest, id FROM natural_key WHERE org = ? AND digest IN"
        for digest, id_ in self._rows(asked, digests):
            self.keys[digest] = RecordId(id_)

    def load_fences(self, partitions: Collection[Partition]) -> None:
        asked = "SELECT partition, position FROM fence WHERE org = ? AND partition IN"
        for partition, position in self._rows(asked, partitions):
            self.fences[Partition(partition)] = Position(position)

    def load_records(self, touched: set[RecordId], referred: set[RecordId]) -> None:
        asked = "SELECT id, kind, partition, version, live, row FROM record WHERE org = ? AND id IN"
        found = list(self._rows(asked, touched | referred))
        rows = defaultdict[str, list[int]](list)
        for id_, kind, *_, row in found:
            if id_ in touched:
                rows[kind].append(row)
        bodies = {row: record for kind in rows for row, record in self._bodies(kind, rows[kind])}
        for id_, kind, partition, version, live, row in found:
            self.records[RecordId(id_)] = Held(
                RecordKind(kind), Partition(partition), version, bool(live), row, bodies.get(row)
            )

    def _bodies(self, kind: str, rows: list[int]) -> Iterator[tuple[int, Record]]:
        table = TABLES[RecordKind(kind)]
        for marks, values in chunked(rows):
            asked = f"SELECT rowid, body FROM {table.name} WHERE rowid IN ({marks})"
            for row, body in self._database.execute(asked, values):
                yield row, table.decode(body)

    def _rows(self, asked: str, values: Collection[Any]) -> Iterator[Any]:
        for marks, chunk in chunked(values):
            yield from self._database.execute(f"{asked} ({marks})", (self.org, *chunk))

    def _end(self) -> tuple[Position, int]:
        """Return the last position and its instant, both 0 where nothing is logged yet."""
        row = self._database.execute(
            "SELECT position, at FROM change_log WHERE org = ? ORDER BY position DESC LIMIT 1",
            (self.org,),
        ).fetchone()
        return (Position(row[0]), row[1]) if row else (Position(0), 0)


def _number(database: sqlite3.Connection, organization: OrganizationId) -> int:
    asked = "SELECT org FROM organization WHERE id = ?"
    row = database.execute(asked, (organization,)).fetchone()
    if row is None:
        database.execute("INSERT INTO organization (id) VALUES (?)", (organization,))
        row = database.execute(asked, (organization,)).fetchone()
    return int(row[0])
