"""The ledger of one organization, loaded from the file."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from mnemos_graph.committing import Held, Ledger, Needed
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
from mnemos_graph.store.copying import Seal


def load(database: sqlite3.Connection, org: int, needed: Needed) -> Ledger:
    """Return what the organization of number ``org`` holds of what is ``needed``."""
    loading = _Loading(database, org, Ledger(*_end(database, org)))
    loading.commits(needed.commits)
    loading.records(needed)
    loading.keys(needed.keys)
    if needed.fences:
        held = {each.partition for each in loading.ledger.records.values()}
        loading.fences(held | needed.partitions)
    return loading.ledger


def numbered(database: sqlite3.Connection, organization: OrganizationId) -> tuple[int, Seal | None]:
    """Return the organization's number in this file, given now where it has none, and its seal."""
    asked = "SELECT org, seal FROM organization WHERE id = ?"
    row = database.execute(asked, (organization,)).fetchone()
    if row is None:
        database.execute("INSERT INTO organization (id) VALUES (?)", (organization,))
        row = database.execute(asked, (organization,)).fetchone()
    return int(row[0]), Seal.kept(row[1])


@dataclass(frozen=True, slots=True)
class _Loading:
    database: sqlite3.Connection
    org: int
    ledger: Ledger

    def commits(self, ids: Collection[CommitId]) -> None:
        asked = "SELECT commit_id, first, last FROM committed WHERE org = ? AND commit_id IN"
        for commit_id, first, last in self._rows(asked, ids):
            self.ledger.commits[CommitId(commit_id)] = Committed(Position(first), Position(last))

    def keys(self, digests: Collection[bytes]) -> None:
        asked = "SELECT digest, id FROM natural_key WHERE org = ? AND digest IN"
        for digest, id_ in self._rows(asked, digests):
            self.ledger.keys[digest] = RecordId(id_)

    def fences(self, partitions: Collection[Partition]) -> None:
        asked = "SELECT partition, position FROM fence WHERE org = ? AND partition IN"
        for partition, position in self._rows(asked, partitions):
            self.ledger.fences[Partition(partition)] = Position(position)

    def records(self, needed: Needed) -> None:
        asked = "SELECT id, kind, partition, version, live, row FROM record WHERE org = ? AND id IN"
        found = list(self._rows(asked, needed.touched | needed.referred))
        rows = defaultdict[str, list[int]](list)
        for id_, kind, *_, row in found:
            if id_ in needed.touched:
                rows[kind].append(row)
        bodies = {row: record for kind in rows for row, record in self._bodies(kind, rows[kind])}
        for id_, kind, partition, version, live, row in found:
            self.ledger.records[RecordId(id_)] = Held(
                RecordKind(kind), Partition(partition), version, bool(live), row, bodies.get(row)
            )

    def _bodies(self, kind: str, rows: list[int]) -> Iterator[tuple[int, Record]]:
        table = TABLES[RecordKind(kind)]
        for marks, values in chunked(rows):
            asked = f"SELECT rowid, body FROM {table.name} WHERE rowid IN ({marks})"
            for row, body in self.database.execute(asked, values):
                yield row, table.decode(body)

    def _rows(self, asked: str, values: Collection[Any]) -> Iterator[Any]:
        for marks, chunk in chunked(values):
            yield from self.database.execute(f"{asked} ({marks})", (self.org, *chunk))


def _end(database: sqlite3.Connection, org: int) -> tuple[Position, int]:
    """Return the last position and its instant, both 0 where nothing is logged yet."""
    row = database.execute(
        "SELECT position, at FROM change_log WHERE org = ? ORDER BY position DESC LIMIT 1", (org,)
    ).fetchone()
    return (Position(row[0]), row[1]) if row else (Position(0), 0)
