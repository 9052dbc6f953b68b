"""Memories as clients give them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar, cast

import strawberry

from mnemos_graph.memory.records.memories import KEEP, Keep, MemoryChange, NewMemory
from mnemos_schema.enums import MemoryLevel, MemoryType
from mnemos_schema.inputs import given, optional
from mnemos_schema.scalars import JSON
from mnemos_schema.scope import ScopeInput

T = TypeVar("T")

DEFAULT_IMPORTANCE = 0.5


@strawberry.input(description="A memory to keep as it is given.")
class CreateMemoryInput:
    text: str = strawberry.field(description="What it says; at most 32,768 bytes of UTF-8.")
    type: MemoryType = strawberry.field(default=MemoryType.SEMANTIC, description="What it is for.")
    level: MemoryLevel = strawberry.field(
        default=MemoryLevel.OPERATIONAL, description="How far it reaches."
    )
    scope: ScopeInput = strawberry.field(description="Whose memory it is.")
    importance: float | None = strawberry.field(
        default=strawberry.UNSET, description="0 to 1; 0.5 where it is not given."
    )
    tags: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="At most 32 words of 64 characters to filter by."
    )
    metadata: JSON | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "An object of at most 16 KB, kept beside it. Some types read it: KNOWLEDGE_VAULT needs "
            "name, PROCEDURAL may have steps (a list of texts)."
        ),
    )
    valid_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When what it says began to hold, in the world."
    )
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When to stop telling it; WORKING has a default."
    )
    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "1 to 256 characters. The same key again within 7 days returns the first answer and "
            "changes nothing."
        ),
    )

    def new_memory(self) -> NewMemory:
        """Return the memory that is asked for.

        Raises:
            BadInput: its scope is not valid.
        """
        return NewMemory(
            text=self.text,
            scope=self.scope.scope(),
            type=self.type,
            level=self.level,
            importance=given(self.importance, DEFAULT_IMPORTANCE),
            tags=given(self.tags, []),
            metadata=cast("Mapping[str, Any]", given(self.metadata, JSON({}))),
            valid_from=optional(self.valid_from),
            expires_at=optional(self.expires_at),
        )


@strawberry.input(description="Absent keeps, null clears; text and importance may not be null.")
class UpdateMemoryInput:
    text: str | None = strawberry.field(
        default=strawberry.UNSET, description="What it says from now on."
    )
    importance: float | None = strawberry.field(default=strawberry.UNSET, description="0 to 1.")
    tags: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="All of its tags from now on."
    )
    metadata: JSON | None = strawberry.field(
        default=strawberry.UNSET, description="All of its metadata from now on."
    )
    valid_to: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="When what it says stopped holding; null: it holds again.",
    )
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When to stop telling it; null: never."
    )

    def change(self) -> MemoryChange:
        return MemoryChange(
            text=_kept(self.text),
            importance=_kept(self.importance),
            tags=_kept(self.tags),
            metadata=cast("Mapping[str, Any] | Keep | None", _kept(self.metadata)),
            valid_to=_kept(self.valid_to),
            expires_at=_kept(self.expires_at),
        )


def _kept(value: T | None) -> T | Keep | None:
    return KEEP if value is strawberry.UNSET else value
