"""Building anew what can be built anew."""

from __future__ import annotations

import strawberry

from mnemos_graph.errors import Unavailable
from mnemos_schema.context import Info
from mnemos_schema.jobs import JobPayload


@strawberry.type
class ReindexMutations:
    @strawberry.mutation(
        description=(
            "Build the search by meaning anew, from the vectors that are kept; what has none is "
            "embedded. For admins."
        )
    )
    async def reindex(self, info: Info) -> JobPayload | None:
        context = info.context
        context.caller.require("admin")
        if context.services.reindexing is None:
            raise Unavailable(
                "There is no embedder, so there is nothing to build. Set MNEMOS_EMBEDDER, or see "
                "`mnemos doctor`."
            )
        return await JobPayload.of(
            context, await context.services.reindexing.reindex(context.access)
        )
