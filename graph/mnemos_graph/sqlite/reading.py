"""Reads by id and by position: records, versions, the log."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from mnemos_graph.committing import Entry
from mnemos_graph.model import (
    START,
    Access,
    Change,
    ChangeKind,
    Head,
    OrganizationId,
    Partition,
    Position,
    Record,
    RecordId,
    RecordKind,
    Version,
)
from mnemos_graph.model.instants import instant, micros
from mnemos_graph.sqlite.columns import Table, chunked, tables_of
from mnemos_graph.sqlite.conditions import Where
from mnemos_graph.store import LATEST, VersionRef
from mnemos_graph.store.copying import Seal

R = TypeVar("R", bound=Record)

_LOG = """
SELECT position, commit_end, change, kind, id, version, user_id, agent_id, session_id, actor, at
FROM change_log WHERE org = ? AND position > ? AND position <= ? ORDER BY position
"""
_VERSION = """
SELECT change, reason, actor, at, born, user_id, body FROM {table} WHERE org = ? AND id = ?
"""
_FOREVER = 1 << 62


def number(database: sqlite3.Connection, organization: OrganizationId) -> int | None:
    """Return the organization's number in this file; None: nothing was ever written to it.

    Raises:
        Moved: it lives in another store.
    """
    row = database.execute(
        "SELECT org, seal FROM organization WHERE id = ?", (organization,)
    ).fetchone()
    if row is None:
        return None
    org, seal = row
    _check(seal)
    return int(org)


def _check(kept: str | None) -> None:
    seal = Seal.kept(kept)
    if seal and not seal.readable:
        raise seal.refusal()


def get(
    database: sqlite3.Connection,
    access: Access,
    kind: type[R],
    ids: Collection[RecordId],
    known_at: Position | None,
) -> Mapping[RecordId, R]:
    org = number(database, access.organization)
    found: dict[RecordId, R] = {}
    if org is None:
        return found
    for table, wanted in _by_table(database, org, kind, ids):
        where = Where(org, table.kind.KIND, access, known_at)
        where.visible()
        asked = f"SELECT v.body FROM {table.name} AS v WHERE {where.sql} AND v.id IN"
        for marks, chunk in chunked(wanted):
            for (body,) in database.execute(f"{asked} ({marks})", (*where.bound, *chunk)):
                record = table.decode(body)
                found[record.id] = record
    return {id_: found[id_] for id_ in ids if id_ in found}


def _by_table(
    database: sqlite3.Connection, org: int, kind: type[R], ids: Collection[RecordId]
) -> list[tuple[Table[R], Collection[RecordId]]]:
    """Return which of ``ids`` to look for in which table."""
    tables = {table.kind.KIND: table for table in tables_of(kind)}
    if len(tables) == 1:
        return [(table, ids) for table in tables.values()]
    sorted_ = defaultdict[RecordKind, list[RecordId]](list)
    for marks, chunk in chunked(ids):
        for id_, held in database.execute(
            f"SELECT id, kind FROM record WHERE org = ? AND id IN ({marks})",
            (org, *chunk),
        ):
            sorted_[RecordKind(held)].append(RecordId(id_))
    return [(tables[held], own) for held, own in sorted_.items()]


def versions(
    database: sqlite3.Connection, access: Access, kind: type[R], refs: Collection[VersionRef]
) -> Mapping[VersionRef, Version[R]]:
    org = number(database, access.organization)
    found: dict[VersionRef, Version[R]] = {}
    if org is None:
        return found
    by_id = defaultdict[RecordId, list[VersionRef]](list)
    for ref in refs:
        by_id[ref.id].append(ref)
    for table, ids in _by_table(database, org, kind, list(by_id)):
        asked = _VERSION.format(table=table.name)
        one, last = f"{asked} AND version = ?", f"{asked} ORDER BY version DESC LIMIT 1"
        for ref in (ref for id_ in ids for ref in by_id[id_]):
            row = (
                database.execute(last, (org, ref.id))
                if ref.version == LATEST
                else database.execute(one, (org, ref.id, ref.version))
            ).fetchone()
            if row and access.may_read(Partition(row[5] or "")):
                found[ref] = _version(table, row)
    return {ref: found[ref] for ref in refs if ref in found}


def _version(table: Table[R], row: Sequence[Any]) -> Version[R]:
    change, reason, actor, at, born, _, body = row
    record = table.decode(body)
    return Version(record, ChangeKind(change), reason, actor, instant(at), Position(born))


def changes(
    database: sqlite3.Connection, access: Access, after: Position, limit: int
) -> Sequence[Change]:
    org = number(database, access.organization)
    if org is None or limit <= 0:
        return []
    rows = database.execute(f"{_LOG} LIMIT ?", (org, after, _FOREVER, limit)).fetchall()
    if rows and rows[-1][1] > rows[-1][0]:
        rows += database.execute(_LOG, (org, rows[-1][0], rows[-1][1])).fetchall()
    found = [Entry(*row).to_change() for row in rows]
    return [each for each in found if not each.scope or access.may_read(each.scope.partition)]


def heads(
    database: sqlite3.Connection, accesses: Collection[Access], at: datetime | None
) -> Sequence[Head]:
    return [_head(database, access.organization, at) for access in accesses]


def _head(database: sqlite3.Connection, organization: OrganizationId, at: datetime | None) -> Head:
    # The plus takes the column's affinity away: with it the index is scanned, not searched.
    row = database.execute(
        "SELECT org, epoch, began, seal, (SELECT max(position) FROM change_log AS log "
        "WHERE log.org = +organization.org) FROM organization WHERE id = ?",
        (organization,),
    ).fetchone()
    if row is None:
        return Head(1, START)
    org, epoch, began, seal, last = row
    _check(seal)
    head = Head(epoch, Position(last or 0), Position(began))
    return head if at is None else replace(head, position=_position_at(database, org, head, at))


def _position_at(database: sqlite3.Connection, org: int, head: Head, at: datetime) -> Position:
    """Return the last position not later than ``at``: instants never go back within a log."""
    until, low, high = micros(at), 0, head.position
    while low < high:
        middle = (low + high + 1) // 2
        (then,) = database.execute(
            "SELECT at FROM change_log WHERE org = ? AND position = ?", (org, middle)
        ).fetchone()
        low, high = (middle, high) if then <= until else (low, Position(middle - 1))
    return Position(low)
