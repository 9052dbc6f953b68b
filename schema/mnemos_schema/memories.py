"""Memories: read, listed, written, changed, deleted and restored."""

from __future__ import annotations

from typing import Annotated, Self

import strawberry

from mnemos_graph import model
from mnemos_graph.memory.outcomes import Written
from mnemos_graph.memory.records.memories import MemoryOrder
from mnemos_schema.arguments import After, AsOf, First, InScope, KnownAt
from mnemos_schema.by_id import by_id
from mnemos_schema.connections import MemoryConnection
from mnemos_schema.context import Context, Info
from mnemos_schema.deleting import DeletePayload
from mnemos_schema.inputs import optional
from mnemos_schema.limits import page_size
from mnemos_schema.memory_inputs import CreateMemoryInput, UpdateMemoryInput
from mnemos_schema.pages import MOST_COUNTED, PageCursors
from mnemos_schema.records import Memory
from mnemos_schema.scalars import Cursor
from mnemos_schema.scope import scope_of
from mnemos_schema.selection import MemoryFilter, query_of

MemoryId = Annotated[strawberry.ID, strawberry.argument(description="The memory's id.")]
Matching = Annotated[
    MemoryFilter | None,
    strawberry.argument(description="Only memories that match all of this; absent: any."),
]


@strawberry.type(description="A memory as it was written.")
class MemoryPayload:
    memory: Memory = strawberry.field(description="As this write left it.")
    position: Cursor = strawberry.field(description="Where the write stands in the change log.")

    @classmethod
    async def of(cls, context: Context, written: Written[model.Memory]) -> Self:
        return cls(
            memory=Memory.of(written.record, context.now()),
            position=await context.cursor(written.position),
        )


@strawberry.type
class MemoryQueries:
    @strawberry.field(
        description="One memory by its id; null where there is none, or it did not hold at asOf."
    )
    async def memory(
        self,
        info: Info,
        id: MemoryId,
        as_of: AsOf = strawberry.UNSET,
        known_at: KnownAt = strawberry.UNSET,
    ) -> Memory | None:
        return await by_id(
            info.context, model.Memory, id, Memory.of, as_of=as_of, known_at=known_at
        )

    @strawberry.field(
        description="Memories that hold, page by page; those that ended too where that is asked."
    )
    async def memories(
        self,
        info: Info,
        *,
        scope: InScope = strawberry.UNSET,
        filter: Matching = strawberry.UNSET,
        order_by: Annotated[
            MemoryOrder, strawberry.argument(description="In which order.")
        ] = MemoryOrder.NEWEST,
        first: First = 20,
        after: After = strawberry.UNSET,
    ) -> MemoryConnection | None:
        context, within, query = info.context, scope_of(scope), query_of(filter)
        seen = await context.look(query.as_of, query.known_at, everything=query.include_superseded)
        cursors = PageCursors.to(
            context.access.organization, model.Memory, order_by.value, within, query
        )
        mark = cursors.mark(optional(after))
        list_ = context.services.memories.list
        page = await list_(
            context.access, within, query, order=order_by, first=page_size(first), after=mark
        )

        async def count() -> int | None:
            counted = await list_(context.access, within, query, first=1, count_to=MOST_COUNTED)
            return counted.total

        return MemoryConnection.of(page, cursors, mark, count, seen)


@strawberry.type
class MemoryMutations:
    @strawberry.mutation(
        description="Keep a memory as it is given: no extraction, no consolidation."
    )
    async def create_memory(
        self,
        info: Info,
        input: Annotated[CreateMemoryInput, strawberry.argument(description="The memory.")],
    ) -> MemoryPayload | None:
        context = info.context
        written = await context.services.memories.create(
            context.access, input.new_memory(), optional(input.idempotency_key)
        )
        return await MemoryPayload.of(context, written)

    @strawberry.mutation(
        description="Change a memory; expectedVersion turns a lost update into a CONFLICT error."
    )
    async def update_memory(
        self,
        info: Info,
        id: MemoryId,
        input: Annotated[UpdateMemoryInput, strawberry.argument(description="What to change.")],
        expected_version: Annotated[
            int | None,
            strawberry.argument(description="The version that it must be at; absent: any."),
        ] = strawberry.UNSET,
    ) -> MemoryPayload | None:
        context = info.context
        written = await context.services.memories.update(
            context.access, model.RecordId(id), input.change(), optional(expected_version)
        )
        return await MemoryPayload.of(context, written)

    @strawberry.mutation(
        description="Delete a memory. It can be restored until its person is forgotten."
    )
    async def delete_memory(self, info: Info, id: MemoryId) -> DeletePayload | None:
        context = info.context
        deleted = await context.services.memories.delete(context.access, model.RecordId(id))
        return await DeletePayload.of(context, deleted)

    @strawberry.mutation(
        description=(
            "Delete everything that matches, ended and superseded ones too. Nothing in scope and "
            "filter is refused (nulls and empty lists are nothing)."
        )
    )
    async def delete_memories(
        self,
        info: Info,
        *,
        scope: InScope = strawberry.UNSET,
        filter: Matching = strawberry.UNSET,
        dry_run: Annotated[
            bool, strawberry.argument(description="Only count what would be deleted.")
        ] = False,
    ) -> DeletePayload | None:
        context = info.context
        deleted = await context.services.memories.delete_matching(
            context.access, scope_of(scope), query_of(filter), dry_run=dry_run
        )
        return await DeletePayload.of(context, deleted)

    @strawberry.mutation(
        description="Make an earlier version, or a deleted memory, the current one again."
    )
    async def restore_memory(
        self,
        info: Info,
        id: MemoryId,
        version: Annotated[
            int | None,
            strawberry.argument(
                description="The version to go back to; absent: undo the deletion."
            ),
        ] = strawberry.UNSET,
    ) -> MemoryPayload | None:
        context = info.context
        written = await context.services.memories.restore(
            context.access, model.RecordId(id), optional(version)
        )
        return await MemoryPayload.of(context, written)
