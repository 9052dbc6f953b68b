"""Episodes: read, and taken back."""

from __future__ import annotations

from typing import Annotated

import strawberry

from mnemos_graph import model
from mnemos_schema.arguments import AsOf, KnownAt
from mnemos_schema.by_id import by_id
from mnemos_schema.context import Info
from mnemos_schema.deleting import DeletePayload
from mnemos_schema.records import Episode

EpisodeId = Annotated[strawberry.ID, strawberry.argument(description="The episode's id.")]


@strawberry.type
class EpisodeQueries:
    @strawberry.field(description="One episode by its id; null where there is none.")
    async def episode(
        self,
        info: Info,
        id: EpisodeId,
        as_of: AsOf = strawberry.UNSET,
        known_at: KnownAt = strawberry.UNSET,
    ) -> Episode | None:
        return await by_id(
            info.context, model.Episode, id, Episode.of, as_of=as_of, known_at=known_at
        )


@strawberry.type
class EpisodeMutations:
    @strawberry.mutation(
        description=(
            "Take back a source: what only it supported becomes invalid, what it had ended holds "
            "again."
        )
    )
    async def retract_episode(self, info: Info, id: EpisodeId) -> DeletePayload | None:
        context = info.context
        retracted = await context.services.episodes.retract(context.access, model.RecordId(id))
        return await DeletePayload.of(context, retracted)
