"""How points stand in a Chroma collection, embedded or behind its server: one row for each window."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.model import Access, Position, RecordId
from mnemos_graph.store import VersionRef
from mnemos_graph.vectors.protocol import Near, Point, Stand

ROWS_AT_ONCE = 100
"""In one call that writes; more at once are hardly faster and keep a question waiting longer."""
SPACE = "cosine"
CONFIGURATION = {"hnsw": {"space": SPACE, "ef_search": 200}}
NOT_COLLECTED = "This organization's vectors are not collected. Run a reindex."


class Row(NamedTuple):
    """One window of one point."""

    id: str
    values: NDArray[np.float32]
    windows: int
    """How many its point has."""


def parts(points: Sequence[Point]) -> Iterator[Sequence[Row]]:
    """Yield the rows of all points in order, as many at once as one call should write."""
    rows = [
        Row(row_id(point.ref, number), values, len(point.rows))
        for point in points
        for number, values in enumerate(point.rows)
    ]
    for at in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[at : at + ROWS_AT_ONCE]


def row_id(ref: VersionRef, number: int) -> str:
    return f"{ref.id}:{ref.version}:{number}"


def rows_of(
    first: Mapping[str, VersionRef], ids: Sequence[str], metadatas: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return the ids of all rows of the points whose first rows were found."""
    return [
        row_id(first[id_], number)
        for id_, metadata in zip(ids, metadatas, strict=True)
        for number in range(metadata["windows"])
    ]


def closest(ids: Sequence[str], distances: Sequence[float]) -> list[Near]:
    """Return each point once, with its closest window; they come closest first."""
    found: dict[VersionRef, Near] = {}
    for row, distance in zip(ids, distances, strict=True):
        id_, version, _ = row.rsplit(":", 2)
        ref = VersionRef(RecordId(id_), int(version))
        found.setdefault(ref, Near(ref, 1.0 - distance))
    return list(found.values())


def collections_of(access: Access) -> str:
    """Return what the names of an organization's collections begin with, whatever its id is."""
    return f"organization-{_digest(access.organization)[:40]}"


def collection_name(access: Access, generation: str) -> str:
    """Return a name that Chroma allows."""
    return f"{collections_of(access)}-{_digest(generation)[:16]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def metadata_of(generation: str, stand: Stand) -> dict[str, str | int | float | bool]:
    return {
        "generation": generation,
        "epoch": stand.epoch,
        "position": stand.position,
        "filled": stand.filled,
        "through": stand.through or "",
    }


def stand_in(metadata: Mapping[str, Any]) -> Stand:
    return Stand(
        metadata["epoch"],
        Position(metadata["position"]),
        metadata["filled"],
        metadata["through"] or None,
    )
