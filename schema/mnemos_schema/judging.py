"""What callers think of memories: which to keep for good, and which were useful."""

from __future__ import annotations

from typing import Annotated

import strawberry

from mnemos_graph import model
from mnemos_schema.arguments import IdempotencyKey
from mnemos_schema.context import Info
from mnemos_schema.inputs import optional
from mnemos_schema.memories import MemoryId, MemoryPayload


@strawberry.type
class JudgeMutations:
    @strawberry.mutation(
        description=(
            "Keep a memory for good, or no longer. A pinned memory has no expiry, and nothing that "
            "goes on by itself deletes it or takes its level down; it can still be changed and "
            "deleted by its id or in a deleteMemories."
        )
    )
    async def pin_memory(
        self,
        info: Info,
        *,
        id: MemoryId,
        pinned: Annotated[
            bool, strawberry.argument(description="false: treat it like any other again.")
        ] = True,
        expected_version: Annotated[
            int | None,
            strawberry.argument(description="The version that it must be at; absent: any."),
        ] = strawberry.UNSET,
    ) -> MemoryPayload | None:
        context = info.context
        written = await context.services.pinning.pin(
            context.access,
            model.RecordId(id),
            pinned=pinned,
            expected_version=optional(expected_version),
        )
        return await MemoryPayload.of(context, written)

    @strawberry.mutation(
        description=(
            "Say whether a memory was useful. Its importance moves by a tenth of what is left to 1, "
            "or to 0; its history says why. Of many who say so at once, each counts."
        )
    )
    async def feedback(
        self,
        info: Info,
        *,
        memory_id: MemoryId,
        useful: Annotated[
            bool, strawberry.argument(description="Whether it helped, or was of no use.")
        ],
        idempotency_key: IdempotencyKey = strawberry.UNSET,
    ) -> MemoryPayload | None:
        context = info.context
        written = await context.services.feedback.give(
            context.access, model.RecordId(memory_id), useful=useful, key=optional(idempotency_key)
        )
        return await MemoryPayload.of(context, written)
