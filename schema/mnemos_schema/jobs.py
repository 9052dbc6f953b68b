"""Work that goes on after its request was answered."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from mnemos_graph import model
from mnemos_schema.enums import JobState
from mnemos_schema.records import Node


@strawberry.type(description="Work that goes on after its request was answered.")
class Job(Node):
    kind: str = strawberry.field(description="What it does, such as forgetUser.")
    state: JobState = strawberry.field(description="How far it has come.")
    progress: float = strawberry.field(description="0 to 1.")
    total: int | None = strawberry.field(description="How many items it has; null: not known yet.")
    done: int = strawberry.field(description="How many items it has finished.")
    failed: int = strawberry.field(description="How many items it could not finish.")
    error: str | None = strawberry.field(description="Why it failed, or why its items did.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(
        description="When it ended, well or not; null while it goes on."
    )

    @classmethod
    def of(cls, organization: model.OrganizationId, record: model.Job) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            kind=record.kind,
            state=record.state,
            progress=record.progress,
            total=record.total,
            done=record.done,
            failed=record.failed,
            error=record.error,
            created_at=record.created_at,
            finished_at=record.finished_at,
        )
