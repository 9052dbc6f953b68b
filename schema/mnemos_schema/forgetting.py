"""Forgetting a person."""

from __future__ import annotations

from typing import Annotated

import strawberry

from mnemos_schema.context import Info
from mnemos_schema.jobs import JobPayload


@strawberry.type
class ForgetMutations:
    @strawberry.mutation(
        description=(
            "Erase a person: every record, version, vector and answer of that user's partition, "
            "for good."
        )
    )
    async def forget_user(
        self,
        info: Info,
        user_id: Annotated[str, strawberry.argument(description="Whose partition.")],
    ) -> JobPayload | None:
        context = info.context
        written = await context.services.forgetting.forget_user(context.access, user_id)
        return await JobPayload.of(context, written)
