"""Core memory: short texts that an agent always has before it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from mnemos_graph import model
from mnemos_schema.records import Node
from mnemos_schema.scope import Scope


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

    @classmethod
    def of(cls, organization: model.OrganizationId, record: model.Block) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            label=record.label,
            value=record.value,
            description=record.description,
            limit=record.limit,
            read_only=record.read_only,
            version=record.version,
            scope=Scope.of(organization, record.scope),
            updated_at=record.updated_at,
        )
