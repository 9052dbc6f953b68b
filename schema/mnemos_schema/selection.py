"""Which memories are meant: the filter that lists, recall and deleting share."""

from __future__ import annotations

from datetime import datetime

import strawberry

from mnemos_graph.memory import checks
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_schema.enums import MemoryLevel, MemoryType
from mnemos_schema.inputs import given, optional
from mnemos_schema.scalars import JSON


@strawberry.input(description="Conditions that hold together. What is absent asks for nothing.")
class MemoryFilter:
    types: list[MemoryType] | None = strawberry.field(
        default=strawberry.UNSET, description="Of one of these types."
    )
    levels: list[MemoryLevel] | None = strawberry.field(
        default=strawberry.UNSET, description="Of one of these levels."
    )
    tags: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="With every one of these tags."
    )
    metadata: JSON | None = strawberry.field(
        default=strawberry.UNSET,
        description="With these top-level keys in their metadata, each of an equal value.",
    )
    text: str | None = strawberry.field(
        default=strawberry.UNSET, description="With every one of these words in their text."
    )
    created_after: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="First written after this instant."
    )
    created_before: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="First written before this instant."
    )
    min_importance: float | None = strawberry.field(
        default=strawberry.UNSET, description="At least this important, 0 to 1."
    )
    as_of: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="What held in the world at this instant; absent: what holds now.",
    )
    known_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="What the platform knew at this instant; absent: what it knows now.",
    )
    include_superseded: bool = strawberry.field(
        default=False, description="Also what was superseded, ended or expired."
    )

    def query(self) -> MemoryQuery:
        """Return what is asked for.

        Raises:
            BadInput: metadata is no JSON object.
            TooMuch: it is larger or deeper than metadata can be.
        """
        metadata = optional(self.metadata)
        return MemoryQuery(
            types=tuple(given(self.types, [])),
            levels=tuple(given(self.levels, [])),
            tags=tuple(given(self.tags, [])),
            metadata=None if metadata is None else checks.metadata(metadata),
            text=optional(self.text),
            created_after=optional(self.created_after),
            created_before=optional(self.created_before),
            min_importance=optional(self.min_importance),
            as_of=optional(self.as_of),
            known_at=optional(self.known_at),
            include_superseded=self.include_superseded,
        )


def query_of(filter: MemoryFilter | None) -> MemoryQuery:
    """Return what a filter asks for; an absent one asks for nothing."""
    return (optional(filter) or MemoryFilter()).query()
