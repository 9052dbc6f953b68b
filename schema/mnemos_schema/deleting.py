"""What deleting answers."""

from __future__ import annotations

from typing import Self

import strawberry

from mnemos_graph.memory.outcomes import Deleted
from mnemos_schema.context import Context
from mnemos_schema.scalars import Cursor


@strawberry.type(description="What was deleted.")
class DeletePayload:
    deleted_count: int = strawberry.field(
        description="How many records; with dryRun: how many it would be."
    )
    position: Cursor = strawberry.field(description="Where the deletion stands in the change log.")

    @classmethod
    async def of(cls, context: Context, deleted: Deleted) -> Self:
        return cls(deleted_count=deleted.count, position=await context.cursor(deleted.position))
