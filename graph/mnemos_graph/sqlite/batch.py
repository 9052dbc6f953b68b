"""The rows that a group of change sets leaves, written table by table."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from mnemos_graph.model import RecordId, RecordKind
from mnemos_graph.sqlite.columns import TABLES

_Row = tuple[Any, ...]

_BLANK_LOG = """
UPDATE change_log
SET id = '', version = 0, user_id = NULL, agent_id = NULL, session_id = NULL, actor = ''
WHERE org = ?1 AND id = ?2
  AND position IN (SELECT born FROM {table} WHERE org = ?1 AND id = ?2 AND rowid <= ?3)
"""


class Batch:
    """Rows collected set by set: every version has a row number that none had before."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._next = _last_row(database)
        self.versions = defaultdict[RecordKind, list[_Row]](list)
        self.ended = defaultdict[RecordKind, list[_Row]](list)
        self.replaced = defaultdict[RecordKind, list[_Row]](list)
        self.erased = defaultdict[RecordKind, list[_Row]](list)
        self.records: dict[tuple[int, RecordId], _Row | None] = {}
        self.keys: dict[tuple[int, bytes], RecordId | None] = {}
        self.links: list[_Row] = []
        self.unlinked: list[_Row] = []
        self.texts: list[_Row] = []
        self.unindexed: list[_Row] = []
        self.log: list[_Row] = []
        self.commits: list[_Row] = []
        self.fences: list[_Row] = []

    def next_row(self) -> int:
        self._next += 1
        return self._next

    def erase(self, org: int, kind: RecordKind, id_: RecordId) -> None:
        """Remove what there is of a record so far; it may be made anew by a later set."""
        self.erased[kind].append((org, id_, self._next))
        self.records[org, id_] = None

    def write(self) -> None:
        """Write everything: what is new, then what it ends, then what is gone."""
        for kind, rows in self.versions.items():
            self._many(TABLES[kind].insert, rows)
        self._many("INSERT INTO change_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self.log)
        self._many("INSERT INTO link VALUES (?, ?, ?, ?)", self.links)
        self._many("INSERT INTO full_text (rowid, scope, words) VALUES (?, ?, ?)", self.texts)
        self._many("INSERT INTO committed VALUES (?, ?, ?, ?)", self.commits)
        self._many("INSERT OR REPLACE INTO fence VALUES (?, ?, ?)", self.fences)
        for kind, rows in self.ended.items():
            self._many(f"UPDATE {kind.value} SET died = ? WHERE rowid = ?", rows)
        for kind, rows in self.replaced.items():
            self._many(f"DELETE FROM {kind.value} WHERE rowid = ?", rows)
        self._many(
            "DELETE FROM link WHERE org = ? AND field = ? AND value = ? AND row = ?", self.unlinked
        )
        self._many("DELETE FROM full_text WHERE rowid = ?", self.unindexed)
        self._write_erased()
        self._write_records()

    def _write_erased(self) -> None:
        for kind, gone in self.erased.items():
            self._many(_BLANK_LOG.format(table=kind.value), gone)
            self._many(
                f"DELETE FROM {kind.value} WHERE org = ? AND id = ? AND rowid <= ?",
                gone,
            )
            self._many("DELETE FROM derived WHERE org = ? AND id = ?", [row[:2] for row in gone])

    def _write_records(self) -> None:
        self._many(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*at, *row) for at, row in self.records.items() if row is not None],
        )
        self._many(
            "DELETE FROM record WHERE org = ? AND id = ?",
            [at for at, row in self.records.items() if row is None],
        )
        self._many(
            "DELETE FROM natural_key WHERE org = ? AND digest = ?",
            [at for at, holder in self.keys.items() if holder is None],
        )
        self._many(
            "INSERT OR REPLACE INTO natural_key VALUES (?, ?, ?)",
            [(*at, holder) for at, holder in self.keys.items() if holder is not None],
        )

    def _many(self, statement: str, rows: Iterable[_Row]) -> None:
        if rows:
            self._database.executemany(statement, rows)


def _last_row(database: sqlite3.Connection) -> int:
    """Return the highest row number that a version of any kind has."""
    asked = (f"SELECT coalesce(max(rowid), 0) FROM {table.name}" for table in TABLES.values())
    return max(int(database.execute(each).fetchone()[0]) for each in asked)
