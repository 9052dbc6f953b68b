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


@strawberry.type(description="An entity that was merged into another one, which stands for it.")
class MergedEntity:
    merge_id: strawberry.ID = strawberry.field(
        description="To be given to unmergeEntities, which takes the whole merge back."
    )
    id: strawberry.ID = strawberry.field(description="The id that it had, and leads to the other.")
    name: str = strawberry.field(description="The name that it went by.")
    kind: str = strawberry.field(description="What it was thought to be.")
    reason: str | None = strawberry.field(description="Why, where somebody said so.")
    actor: str = strawberry.field(
        description="Who did it; `consolidation` where it was found in the background."
    )
    at: datetime = strawberry.field(description="When they were merged.")

    @classmethod
    def of(cls, merged: model.Version[model.Entity]) -> Self:
        entity, merge_id = merged.record, merged.record.merge_id or ""
        why = merged.reason.removeprefix(f"merge {merge_id}").removeprefix(": ")
        return cls(
            merge_id=strawberry.ID(merge_id),
            id=strawberry.ID(entity.id),
            name=entity.name,
            kind=entity.kind,
            reason=why or None,
            actor=merged.actor,
            at=merged.at,
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
