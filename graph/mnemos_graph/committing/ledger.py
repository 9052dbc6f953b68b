"""What one organization holds, as far as a group of change sets needs it.

A backend loads it once for a group; then it is kept up with every set that passed, so that a set is
checked against what the sets before it wrote without asking again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from mnemos_graph.model import (
    START,
    CommitId,
    Partition,
    Position,
    Record,
    RecordId,
    RecordKind,
)
from mnemos_graph.store import Committed


class Held(NamedTuple):
    """The last version of a record, which may be a deletion."""

    kind: RecordKind
    partition: Partition
    version: int
    live: bool
    place: int = 0
    """Where its backend keeps it, as the ``Outcome`` numbered it."""
    record: Record | None = None
    """Loaded only where the record itself is touched."""


@dataclass(slots=True)
class Ledger:
    """One organization's state before and within a group."""

    position: Position = START
    at: int = 0
    """The instant of the last entry, in microseconds since 1970."""
    records: dict[RecordId, Held] = field(default_factory=dict)
    keys: dict[bytes, RecordId | None] = field(default_factory=dict)
    fences: dict[Partition, Position] = field(default_factory=dict)
    commits: dict[CommitId, Committed] = field(default_factory=dict)
