"""What records were before."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from mnemos_graph import model
from mnemos_schema.enums import ConsolidationAction

_ACTIONS = {
    model.ChangeKind.CREATED: ConsolidationAction.ADD,
    model.ChangeKind.UPDATED: ConsolidationAction.UPDATE,
    model.ChangeKind.DELETED: ConsolidationAction.DELETE,
    model.ChangeKind.ERASED: ConsolidationAction.DELETE,
}


@strawberry.type(description="A memory as one change left it.")
class MemoryVersion:
    version: int = strawberry.field(description="1 for the first.")
    text: str = strawberry.field(description="What it said; of a secret, its name.")
    action: ConsolidationAction = strawberry.field(description="What made this version.")
    reason: str | None = strawberry.field(description="Why, where somebody said so.")
    actor: str = strawberry.field(description="Who did it.")
    at: datetime = strawberry.field(description="When it was committed.")

    @classmethod
    def of(cls, version: model.Version[model.Memory]) -> Self:
        return cls(
            version=version.record.version,
            text=version.record.shown,
            action=_ACTIONS[version.kind],
            reason=version.reason or None,
            actor=version.actor,
            at=version.at,
        )


@strawberry.type(description="A block as one change left it.")
class BlockVersion:
    version: int = strawberry.field(description="1 for the first.")
    value: str = strawberry.field(description="What it said.")
    actor: str = strawberry.field(description="Who wrote it.")
    at: datetime = strawberry.field(description="When it was committed.")

    @classmethod
    def of(cls, version: model.Version[model.Block]) -> Self:
        return cls(
            version=version.record.version,
            value=version.record.value,
            actor=version.actor,
            at=version.at,
        )
