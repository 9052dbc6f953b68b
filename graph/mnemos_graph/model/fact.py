"""Facts: what holds between two entities, or an entity and a value, and since when.

A fact has two times. ``valid_from`` and ``valid_to`` are the world's. What Mnemos believed is
``created_at`` (recorded) and ``invalidated_at``: set when it was never so, or lost its last source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mnemos_graph.model.ids import RecordId
from mnemos_graph.model.record import FieldType, Record, RecordKind, fields
from mnemos_graph.model.words import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Record):
    KIND: ClassVar[RecordKind] = RecordKind.FACT
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(
        subject_id=FieldType.TEXT,
        predicate=FieldType.TEXT,
        object_id=FieldType.TEXT,
        valid_from=FieldType.INSTANT,
        valid_to=FieldType.INSTANT,
        invalidated_at=FieldType.INSTANT,
        closed_by=FieldType.TEXT,
        ended_by=FieldType.TEXT,
        sources=FieldType.TEXTS,
    )
    REFERS: ClassVar[Mapping[str, RecordKind]] = {
        "subject_id": RecordKind.ENTITY,
        "object_id": RecordKind.ENTITY,
        "closed_by": RecordKind.FACT,
        "ended_by": RecordKind.EPISODE,
        "sources": RecordKind.EPISODE,
    }

    subject_id: RecordId
    predicate: str
    """In lower case with underscores: ``lives_in``."""
    object_id: RecordId | None = None
    value: str | None = None
    """Exactly one of ``object_id`` and ``value`` is set."""
    statement: str
    confidence: float = 1.0
    """0 to 1."""
    valid_from: datetime | None = None
    told_at: datetime | None = None
    """Set where nobody said since when it holds: when it was told, its place among the others.

    ``valid_from`` is then absent, or this, where something else held before.
    """
    valid_to: datetime | None = None
    """The earlier of ``ended_at`` and the ``valid_from`` of what closed it."""
    ended_at: datetime | None = None
    """When it stopped holding, where that was said."""
    ended_by: RecordId | None = None
    """The episode that says so; absent where somebody stated it directly."""
    closed_by: RecordId | None = None
    invalidated_at: datetime | None = None
    sources: tuple[RecordId, ...] = ()
    """The episodes that support it."""
    asserted: bool = False
    """Somebody stated it directly: it needs no episode to be believed."""

    def natural_keys(self) -> tuple[str, ...]:
        if self.invalidated_at is not None:
            return ()
        since = self.valid_from.isoformat() if self.valid_from else ""
        if self.told_at:
            since = f"told {self.told_at.isoformat()}"
        agent = self.scope.agent_id or ""
        target = self.object_id or f"={fold(self.value or '')}"
        return (f"{self.subject_id}:{self.predicate}:{since}:{len(agent)}:{agent}:{target}",)

    def searchable(self) -> str:
        return self.statement
