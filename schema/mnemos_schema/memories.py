"""Memories, read and written one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self, cast

import strawberry

from mnemos_graph import model
from mnemos_graph.memory.memories import NewMemory
from mnemos_graph.memory.outcomes import Written
from mnemos_schema.context import Context, Info
from mnemos_schema.enums import MemoryLevel, MemoryType
from mnemos_schema.inputs import given, optional
from mnemos_schema.records import Memory
from mnemos_schema.scalars import JSON, Cursor
from mnemos_schema.scope import ScopeInput

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
        default=strawberry.UNSET, description="An object of at most 16 KB, kept beside it."
    )
    valid_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When what it says began to hold, in the world."
    )
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When to stop telling it."
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


@strawberry.type(description="A memory as it was written.")
class MemoryPayload:
    memory: Memory = strawberry.field(description="As this write left it.")
    position: Cursor = strawberry.field(description="Where the write stands in the change log.")

    @classmethod
    async def of(cls, context: Context, written: Written[model.Memory]) -> Self:
        return cls(
            memory=Memory.of(context.access.organization, written.record),
            position=await context.cursor(written.position),
        )


@strawberry.type
class MemoryQueries:
    @strawberry.field(description="One memory by its id; null where there is none.")
    async def memory(self, info: Info, id: strawberry.ID) -> Memory | None:
        found = await info.context.load.memory.load(model.RecordId(id))
        return Memory.of(info.context.access.organization, found) if found else None


@strawberry.type
class MemoryMutations:
    @strawberry.mutation(
        description="Keep a memory as it is given: no extraction, no consolidation."
    )
    async def create_memory(self, info: Info, input: CreateMemoryInput) -> MemoryPayload | None:
        context = info.context
        written = await context.services.memories.create(context.access, input.new_memory())
        return await MemoryPayload.of(context, written)
