"""Who is asking, as they see themselves."""

from __future__ import annotations

from typing import Self

import strawberry

from mnemos_graph.identity import Caller
from mnemos_schema.context import Info


@strawberry.type(description="Who the request's credentials belong to, and what they allow.")
class Viewer:
    organization_id: strawberry.ID = strawberry.field(
        description="The organization that every answer comes from."
    )
    actor: str = strawberry.field(description="How the change log names the caller.")
    role: str = strawberry.field(description="The caller's role in the organization.")
    permissions: list[str] = strawberry.field(description="What the role may do.")

    @classmethod
    def of(cls, caller: Caller) -> Self:
        return cls(
            organization_id=strawberry.ID(caller.access.organization),
            actor=caller.access.actor,
            role=caller.role.value,
            permissions=list(caller.permissions),
        )


@strawberry.type
class ViewerQueries:
    @strawberry.field(description="Who is asking.")
    def viewer(self, info: Info) -> Viewer:
        return Viewer.of(info.context.caller)
