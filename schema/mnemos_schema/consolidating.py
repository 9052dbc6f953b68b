"""Improving what is known, at once."""

from __future__ import annotations

from typing import Annotated

import strawberry

from mnemos_schema.context import Info
from mnemos_schema.jobs import JobPayload
from mnemos_schema.scope import ScopeInput


@strawberry.type
class ConsolidateMutations:
    @strawberry.mutation(
        description=(
            "Look at all that is known of a user, or with an empty scope at what is shared: let "
            "what was said twice be one memory, names that mean one entity be one, and write "
            "summaries of entities. The job counts what was changed. In the background the same "
            "is done wherever it is quiet, unless that is switched off."
        )
    )
    async def consolidate(
        self,
        info: Info,
        scope: Annotated[
            ScopeInput,
            strawberry.argument(description="Whose partition: a userId alone, or nothing."),
        ],
    ) -> JobPayload | None:
        context = info.context
        written = await context.services.consolidating.consolidate(context.access, scope.scope())
        return await JobPayload.of(context, written)
