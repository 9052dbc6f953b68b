"""API keys, for the admins of an organization."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from mnemos_graph import directory
from mnemos_schema.context import Info
from mnemos_schema.enums import Role


@strawberry.type(description="What is kept of an API key. The key itself is shown once.")
class ApiKey:
    id: strawberry.ID = strawberry.field(description="How the change log names it, as key:<id>.")
    name: str = strawberry.field(description="What it is for.")
    role: Role = strawberry.field(description="What it allows.")
    created_at: datetime = strawberry.field(description="When it was made.")
    revoked_at: datetime | None = strawberry.field(description="When it was ended, if it was.")

    @classmethod
    def of(cls, key: directory.ApiKey) -> Self:
        return cls(
            id=strawberry.ID(key.id),
            name=key.name,
            role=key.role,
            created_at=key.created_at,
            revoked_at=key.revoked_at,
        )


@strawberry.type(description="A new key. Its secret is shown here and never again.")
class CreateApiKeyPayload:
    key: ApiKey = strawberry.field(description="What is kept of it.")
    secret: str = strawberry.field(description="What a client sends: Authorization: Bearer SECRET.")


@strawberry.type
class KeyQueries:
    @strawberry.field(description="The organization's API keys, oldest first; for admins.")
    async def api_keys(self, info: Info) -> list[ApiKey] | None:
        info.context.caller.require("admin")
        found = await info.context.keys.of(info.context.access.organization)
        return [ApiKey.of(key) for key in found]


@strawberry.type
class KeyMutations:
    @strawberry.mutation(description="Make an API key for this organization; for admins.")
    async def create_api_key(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="What it is for.")],
        role: Annotated[Role, strawberry.argument(description="What it allows.")] = (Role.MEMBER),
    ) -> CreateApiKeyPayload | None:
        info.context.caller.require("admin")
        new = await info.context.keys.create(info.context.access.organization, name, role)
        return CreateApiKeyPayload(key=ApiKey.of(new.key), secret=new.secret)

    @strawberry.mutation(
        description="End an API key; what it had opened closes within seconds. For admins."
    )
    async def revoke_api_key(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of the key.")],
    ) -> ApiKey | None:
        info.context.caller.require("admin")
        return ApiKey.of(await info.context.keys.revoke(info.context.access.organization, id))
