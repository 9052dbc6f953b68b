"""Bytes kept beside versions of records, and the marks of projections."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from mnemos_graph.model import Access, Partition, Partitions, RecordId
from mnemos_graph.sqlite.columns import chunked
from mnemos_graph.sqlite.ledger import numbered
from mnemos_graph.sqlite.reading import number
from mnemos_graph.store import DerivedRef

_MARK = "mark:"


def derive(
    database: sqlite3.Connection,
    access: Access,
    derived: Mapping[DerivedRef, bytes],
    drop: Collection[DerivedRef],
) -> None:
    """Keep the bytes of live records and of marks, and drop others."""
    org, seal = numbered(database, access.organization)
    if seal:
        raise seal.refusal()
    kept = _readable(database, access, org, derived, live=True)
    database.executemany(
        "INSERT OR REPLACE INTO derived VALUES (?, ?, ?, ?, ?)",
        [(org, *ref, data) for ref, data in derived.items() if ref.id in kept],
    )
    gone = _readable(database, access, org, drop, live=False)
    database.executemany(
        "DELETE FROM derived WHERE org = ? AND id = ? AND version = ? AND generation = ?",
        [(org, *ref) for ref in drop if ref.id in gone],
    )


def derived(
    database: sqlite3.Connection, access: Access, refs: Collection[DerivedRef]
) -> Mapping[DerivedRef, bytes]:
    org = number(database, access.organization)
    found: dict[DerivedRef, bytes] = {}
    if org is None:
        return found
    shown = _readable(database, access, org, refs, live=False)
    by_kind = defaultdict[tuple[int, str], list[RecordId]](list)
    for ref in refs:
        if ref.id in shown:
            by_kind[ref.version, ref.generation].append(ref.id)
    for (version, generation), ids in by_kind.items():
        for marks, chunk in chunked(ids):
            for id_, data in database.execute(
                "SELECT id, data FROM derived WHERE org = ? AND version = ? AND generation = ? "
                f"AND id IN ({marks})",
                (org, version, generation, *chunk),
            ):
                found[DerivedRef(RecordId(id_), version, generation)] = data
    return found


def _readable(
    database: sqlite3.Connection,
    access: Access,
    org: int,
    refs: Collection[DerivedRef],
    *,
    live: bool,
) -> set[RecordId]:
    """Return the ids among ``refs`` that the access may read; those of marks always."""
    ids = {ref.id for ref in refs}
    marks = {id_ for id_ in ids if id_.startswith(_MARK)}
    if access.reads is Partitions.ALL and not live:
        return ids
    return marks | {
        id_
        for id_, partition, lives in _partitions(database, org, ids - marks)
        if (lives or not live) and access.may_read(partition)
    }


def _partitions(
    database: sqlite3.Connection, org: int, ids: Collection[RecordId]
) -> Iterator[tuple[RecordId, Partition, bool]]:
    for marks, chunk in chunked(ids):
        yield from database.execute(
            f"SELECT id, partition, live FROM record WHERE org = ? AND id IN ({marks})",
            (org, *chunk),
        )
