"""Core memory: short texts that an agent always has before it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from mnemos_graph import model
from mnemos_graph.memory.outcomes import Written
from mnemos_graph.memory.records.blocks import NewBlock
from mnemos_schema import links
from mnemos_schema.arguments import First, InScope, KnownAt
from mnemos_schema.by_id import by_id
from mnemos_schema.context import Context, Info
from mnemos_schema.deleting import DeletePayload
from mnemos_schema.inputs import optional
from mnemos_schema.interfaces import Node
from mnemos_schema.limits import page_size
from mnemos_schema.scalars import Cursor
from mnemos_schema.scope import Scope, ScopeInput, scope_of
from mnemos_schema.vantage import Vantage
from mnemos_schema.versions import BlockVersion

BlockId = Annotated[strawberry.ID, strawberry.argument(description="The block's id.")]


@strawberry.type(description="A short text under a label that an agent always has before it.")
class Block(Node):
    label: str = strawberry.field(description="What it is called; unique in its scope.")
    value: str = strawberry.field(description="What it says.")
    description: str | None = strawberry.field(description="What belongs in it.")
    limit: int = strawberry.field(description="The most characters that value may have.")
    read_only: bool = strawberry.field(description="Whether agents may not change it.")
    version: int = strawberry.field(description="1 when created, one more at every change.")
    scope: Scope = strawberry.field(description="Whose memory it is.")
    updated_at: datetime = strawberry.field(description="When this version was written.")

    record: strawberry.Private[model.Block]

    @strawberry.field(description="Its versions up to this one, newest first.")
    async def history(self, info: Info, first: First = 20) -> list[BlockVersion] | None:
        found = await links.versions(info.context.load, model.Block, self.record, first)
        return [BlockVersion.of(each) for each in found]

    @classmethod
    def of(cls, record: model.Block, seen: Vantage) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            label=record.label,
            value=record.value,
            description=record.description,
            limit=record.limit,
            read_only=record.read_only,
            version=record.version,
            scope=Scope.of(seen.organization, record.scope),
            updated_at=record.updated_at,
            record=record,
        )


@strawberry.input(description="A block to create, or to put in place of the one with its label.")
class BlockInput:
    label: str = strawberry.field(description="What it is called; unique in its scope.")
    value: str = strawberry.field(description="What it says.")
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="What belongs in it; absent keeps what it was."
    )
    limit: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The most characters that value may have; 2,000 where it was never given.",
    )
    read_only: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it can be changed only by saying false here."
    )
    condense: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "true: a value beyond the limit is condensed by rules (pinned lines stay, then the "
            "newest, none twice) in place of being refused."
        ),
    )
    scope: ScopeInput = strawberry.field(description="Whose memory it is.")

    def new_block(self) -> NewBlock:
        """Return the block that is asked for.

        Raises:
            BadInput: its scope is not valid.
        """
        return NewBlock(
            label=self.label,
            value=self.value,
            scope=self.scope.scope(),
            description=optional(self.description),
            limit=optional(self.limit),
            read_only=optional(self.read_only),
            condense=bool(optional(self.condense)),
        )


@strawberry.type(description="A block as it was written.")
class BlockPayload:
    block: Block = strawberry.field(description="As this write left it.")
    position: Cursor = strawberry.field(description="Where the write stands in the change log.")

    @classmethod
    async def of(cls, context: Context, written: Written[model.Block]) -> Self:
        return cls(
            block=Block.of(written.record, context.now()),
            position=await context.cursor(written.position),
        )


@strawberry.type
class BlockQueries:
    @strawberry.field(description="One block by its id; null where there is none.")
    async def block(
        self, info: Info, id: BlockId, known_at: KnownAt = strawberry.UNSET
    ) -> Block | None:
        return await by_id(info.context, model.Block, id, Block.of, known_at=known_at)

    @strawberry.field(description="Blocks by their labels.")
    async def blocks(
        self,
        info: Info,
        scope: InScope = strawberry.UNSET,
        first: First = 50,
        known_at: KnownAt = strawberry.UNSET,
    ) -> list[Block] | None:
        context = info.context
        seen = await context.look(None, optional(known_at))
        found = await context.services.blocks.list(
            context.access, scope_of(scope), page_size(first), seen.known_at
        )
        return [Block.of(each, seen) for each in found]


@strawberry.type
class BlockMutations:
    @strawberry.mutation(description="Create or replace the block with this label in this scope.")
    async def put_block(
        self,
        info: Info,
        input: Annotated[BlockInput, strawberry.argument(description="The block.")],
        expected_version: Annotated[
            int | None,
            strawberry.argument(
                description="The version that it must be at, 0: there is none; absent: any."
            ),
        ] = strawberry.UNSET,
    ) -> BlockPayload | None:
        context = info.context
        written = await context.services.blocks.put(
            context.access, input.new_block(), optional(expected_version)
        )
        return await BlockPayload.of(context, written)

    @strawberry.mutation(
        description=(
            "Condense a block by rules to three quarters of its limit: lines that begin with "
            "[pinned] stay, then the newest, none twice. Nothing is rewritten, and every version "
            "before can be restored."
        )
    )
    async def condense_block(
        self,
        info: Info,
        id: BlockId,
        expected_version: Annotated[
            int | None,
            strawberry.argument(description="The version that it must be at; absent: any."),
        ] = strawberry.UNSET,
    ) -> BlockPayload | None:
        context = info.context
        written = await context.services.blocks.condense(
            context.access, model.RecordId(id), optional(expected_version)
        )
        return await BlockPayload.of(context, written)

    @strawberry.mutation(
        description="Make an earlier version, or a deleted block, the current one again."
    )
    async def restore_block(
        self,
        info: Info,
        id: BlockId,
        version: Annotated[
            int | None,
            strawberry.argument(
                description="The version to go back to; absent: undo the deletion."
            ),
        ] = strawberry.UNSET,
    ) -> BlockPayload | None:
        context = info.context
        written = await context.services.blocks.restore(
            context.access, model.RecordId(id), optional(version)
        )
        return await BlockPayload.of(context, written)

    @strawberry.mutation(description="Delete a block; its label is free again.")
    async def delete_block(self, info: Info, id: BlockId) -> DeletePayload | None:
        context = info.context
        deleted = await context.services.blocks.delete(context.access, model.RecordId(id))
        return await DeletePayload.of(context, deleted)
