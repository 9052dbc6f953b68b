"""Entities: found, merged and taken apart; and the graph around them."""

from __future__ import annotations

from typing import Annotated, Self

import strawberry

from mnemos_graph import model
from mnemos_graph.memory.facts.entities import Merged
from mnemos_graph.store import Order, Page
from mnemos_schema.arguments import After, AsOf, First, InScope, KnownAt
from mnemos_schema.by_id import by_id
from mnemos_schema.connections import EntityConnection
from mnemos_schema.context import Context, Info
from mnemos_schema.inputs import given, optional
from mnemos_schema.limits import hops_allowed, page_size
from mnemos_schema.pages import MOST_COUNTED, PageCursors
from mnemos_schema.records import Entity, Fact
from mnemos_schema.scalars import Cursor
from mnemos_schema.scope import scope_of

MOST_AROUND = 100
MOST_IN_SUBGRAPH = 500

EntityId = Annotated[strawberry.ID, strawberry.argument(description="The entity's id.")]


@strawberry.type(description="Entities and the facts between them.")
class Subgraph:
    entities: list[Entity] = strawberry.field(description="The nearest first.")
    facts: list[Fact] = strawberry.field(
        description="The nearest first; both ends of each are among the entities."
    )
    truncated: bool = strawberry.field(description="True where the limit cut it.")


@strawberry.type(description="Entities that were merged, or taken apart again.")
class MergePayload:
    merge_id: strawberry.ID = strawberry.field(description="To be given to unmergeEntities.")
    entity: Entity = strawberry.field(description="The one that stands, or stood, for the others.")
    merged: list[Entity] = strawberry.field(description="The others.")
    position: Cursor = strawberry.field(description="Where the write stands in the change log.")

    @classmethod
    async def of(cls, context: Context, merged: Merged) -> Self:
        seen = context.now()
        return cls(
            merge_id=strawberry.ID(merged.merge_id),
            entity=Entity.of(merged.entity, seen),
            merged=[Entity.of(each, seen) for each in merged.merged],
            position=await context.cursor(merged.position),
        )


@strawberry.type
class EntityQueries:
    @strawberry.field(
        description=(
            "One entity by its id, or the one that stands for it since they were merged; null "
            "where there is none."
        )
    )
    async def entity(
        self,
        info: Info,
        id: EntityId,
        as_of: AsOf = strawberry.UNSET,
        known_at: KnownAt = strawberry.UNSET,
    ) -> Entity | None:
        return await by_id(
            info.context, model.Entity, id, Entity.of, as_of=as_of, known_at=known_at
        )

    @strawberry.field(description="Entities, page by page, in the order in which they were named.")
    async def entities(
        self,
        info: Info,
        *,
        scope: InScope = strawberry.UNSET,
        text: Annotated[
            str | None,
            strawberry.argument(description="Only those with every one of these words in a name."),
        ] = strawberry.UNSET,
        kinds: Annotated[
            list[str] | None,
            strawberry.argument(description="Only those of one of these kinds; absent: any."),
        ] = strawberry.UNSET,
        as_of: AsOf = strawberry.UNSET,
        known_at: KnownAt = strawberry.UNSET,
        first: First = 20,
        after: After = strawberry.UNSET,
    ) -> EntityConnection | None:
        context, within = info.context, scope_of(scope)
        words, of_kinds = optional(text), given(kinds, [])
        moment = (optional(as_of), optional(known_at))
        cursors = PageCursors.to(
            context.access.organization, model.Entity, Order(), within, words, of_kinds, *moment
        )
        mark = cursors.mark(optional(after))
        seen = await context.look(*moment)

        async def find(first: int, count_to: int = 0) -> Page[model.Entity]:
            return await context.services.entities.find(
                context.access,
                within,
                text=words,
                kinds=of_kinds,
                first=first,
                after=None if count_to else mark,
                count_to=count_to,
                known_at=seen.known_at,
            )

        async def count() -> int | None:
            return (await find(1, MOST_COUNTED)).total

        page = await find(page_size(first))
        return EntityConnection.of(page, cursors, mark, count, seen)

    @strawberry.field(description="What surrounds some entities: facts followed both ways.")
    async def subgraph(
        self,
        info: Info,
        *,
        around: Annotated[
            list[strawberry.ID], strawberry.argument(description="1 to 100 ids of entities.")
        ],
        hops: Annotated[
            int, strawberry.argument(description="How many facts to follow: 0 to 3.")
        ] = 1,
        as_of: AsOf = strawberry.UNSET,
        known_at: KnownAt = strawberry.UNSET,
        limit: Annotated[
            int,
            strawberry.argument(description="At most so many entities, and facts: 1 to 500."),
        ] = 200,
    ) -> Subgraph | None:
        context = info.context
        page_size(len(around), MOST_AROUND, "The number of ids in around")
        page_size(limit, MOST_IN_SUBGRAPH, "limit")
        seen = await context.look(optional(as_of), optional(known_at))
        found = await context.services.store.neighbours(
            context.access,
            [model.RecordId(each) for each in around],
            view=seen.view,
            hops=hops_allowed(hops),
            limit=limit,
        )
        return Subgraph(
            entities=[Entity.of(each, seen) for each in found.entities],
            facts=[Fact.of(each, seen) for each in found.facts],
            truncated=found.truncated,
        )


@strawberry.type
class EntityMutations:
    @strawberry.mutation(
        description=(
            "Let one entity stand for others: their facts are its facts, their names its aliases. "
            "It can be undone."
        )
    )
    async def merge_entities(
        self,
        info: Info,
        into: Annotated[strawberry.ID, strawberry.argument(description="The entity that stays.")],
        from_: Annotated[
            list[strawberry.ID],
            strawberry.argument(name="from", description="The entities that turn out to be it."),
        ],
    ) -> MergePayload | None:
        context = info.context
        merged = await context.services.entities.merge(
            context.access, model.RecordId(into), [model.RecordId(each) for each in from_]
        )
        return await MergePayload.of(context, merged)

    @strawberry.mutation(description="Take a merge back: each entity has its own facts again.")
    async def unmerge_entities(
        self,
        info: Info,
        merge_id: Annotated[
            strawberry.ID, strawberry.argument(description="As mergeEntities gave it.")
        ],
    ) -> MergePayload | None:
        context = info.context
        apart = await context.services.entities.unmerge(context.access, model.RecordId(merge_id))
        return await MergePayload.of(context, apart)
