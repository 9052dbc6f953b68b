"""Episodes: read, and taken back."""

from __future__ import annotations

from typing import Annotated

import strawberry

from mnemos_graph import model
from mnemos_schema.context import Info
from mnemos_schema.deleting import DeletePayload
from mnemos_schema.records import Episode

EpisodeId = Annotated[strawberry.ID, strawberry.argument(description="The episode's id.")]


@strawberry.type
class EpisodeQueries:
    @strawberry.field(description="One episode by its id; null where there is none.")
    async def episode(self, info: Info, id: EpisodeId) -> Episode | None:
        found = await info.context.load.one(model.Episode, id)
        return Episode.of(found, info.context.now()) if found else None


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
