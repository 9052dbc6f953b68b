"""What a store's file must look like after its process was killed."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from mnemos_graph.model import RECORD_TYPES


class Acknowledged(NamedTuple):
    commit_id: str
    first: int
    last: int


def damage(folder: Path, acknowledged: Collection[Acknowledged]) -> list[str]:
    """Return everything that is not as promised, in words; nothing: all is well."""
    with closing(sqlite3.connect(folder / "mnemos.db")) as database:
        return [
            *_lost(database, acknowledged),
            *_holes(database),
            *_torn(database),
            *(str(row) for row in database.execute("PRAGMA integrity_check") if row != ("ok",)),
        ]


def _lost(database: sqlite3.Connection, acknowledged: Collection[Acknowledged]) -> list[str]:
    kept = {
        commit_id: (first, last)
        for commit_id, first, last in database.execute(
            "SELECT commit_id, first, last FROM committed"
        )
    }
    return [
        f"lost: {commit_id} at {first}..{last}"
        for commit_id, first, last in acknowledged
        if kept.get(commit_id) != (first, last)
    ]


def _holes(database: sqlite3.Connection) -> list[str]:
    positions = [
        position for (position,) in database.execute("SELECT position FROM change_log ORDER BY 1")
    ]
    ends = {
        position
        for first, last in database.execute("SELECT first, last FROM committed")
        for position in range(first, last + 1)
    }
    found = []
    if positions != list(range(1, len(positions) + 1)):
        found.append(f"holes: {len(positions)} entries up to {positions[-1]}")
    if ends != set(positions):
        found.append(f"not of one commit: {sorted(ends ^ set(positions))[:5]}")
    return found


def _torn(database: sqlite3.Connection) -> list[str]:
    told = set(database.execute("SELECT position, kind, id, version FROM change_log"))
    kept = {
        row
        for kind, type_ in RECORD_TYPES.items()
        if type_.LOGGED
        for row in database.execute(f"SELECT born, '{kind.value}', id, version FROM {kind.value}")
    }
    return [
        *(f"told but not kept: {row}" for row in sorted(told - kept)),
        *(f"kept but not told: {row}" for row in sorted(kept - told)),
    ]
