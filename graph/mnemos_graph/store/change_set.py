"""Change sets: what is written together or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field

from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.model import (
    CommitId,
    Partition,
    Position,
    Record,
    RecordId,
    RecordKind,
    new_id,
)

MOST_CHANGES = 1_000
"""In one change set. More is a job of many sets."""


@dataclass(frozen=True, slots=True)
class Put:
    """Make ``record`` the current version of its id.

    Version 1 expects that the id was never used; version n, that the last version, which may be a
    deletion, is n - 1.
    """

    record: Record
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """End a live record, expecting that ``version`` is current. The deletion is version + 1."""

    kind: RecordKind
    id: RecordId
    version: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Erase:
    """Remove a record with all versions and derived bytes, and blank its entries in the log.

    What is not there (any more) is passed over, so erasing can be repeated.
    """

    kind: RecordKind
    id: RecordId


@dataclass(frozen=True, slots=True)
class Fence:
    """Refuse, from here on, every write to the partition that began before this commit."""

    partition: Partition


Operation = Put | Delete | Erase | Fence


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Operations that are committed together, under an id by which the commit is known again.

    Raises:
        BadInput: it is empty or touches one record twice.
        TooMuch: it has more than 1,000 operations.
    """

    operations: tuple[Operation, ...]
    commit_id: CommitId = field(default_factory=lambda: CommitId(new_id()))
    began: Position | None = None
    """The log's end when the work behind this set began; None: it read nothing before."""

    def __post_init__(self) -> None:
        if not self.operations:
            raise BadInput("A change set needs at least one operation.")
        if len(self.operations) > MOST_CHANGES:
            raise TooMuch(
                f"A change set has at most {MOST_CHANGES} operations, this one "
                f"{len(self.operations)}. Split it."
            )
        touched = [
            operation.record.id if isinstance(operation, Put) else operation.id
            for operation in self.operations
            if not isinstance(operation, Fence)
        ]
        if len(set(touched)) != len(touched):
            raise BadInput("A change set touches one record twice. Keep the last change of each.")


@dataclass(frozen=True, slots=True)
class Committed:
    """Where a change set stands in its organization's log."""

    first: Position
    last: Position
    """``first - 1`` where nothing in the set is logged."""
