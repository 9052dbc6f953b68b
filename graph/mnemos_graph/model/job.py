"""Jobs: work that goes on after its request was answered; and what they work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from mnemos_graph.model.record import FieldType, Record, RecordKind, fields


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Record):
    KIND: ClassVar[RecordKind] = RecordKind.JOB
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(kind=FieldType.TEXT, state=FieldType.TEXT)

    kind: str
    state: JobState = JobState.QUEUED
    total: int | None = None
    done: int = 0
    failed: int = 0
    error: str | None = None
    finished_at: datetime | None = None
    tries: int = 0
    """How often in a row it was put off without having come any further."""

    @property
    def progress(self) -> float:
        """0 to 1."""
        if self.state is JobState.SUCCEEDED:
            return 1.0
        return min(1.0, (self.done + self.failed) / self.total) if self.total else 0.0

    @property
    def ended(self) -> bool:
        return self.state in {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInput(Record):
    """What a job was asked to do, under an id of its own; kept until the job has ended."""

    KIND: ClassVar[RecordKind] = RecordKind.JOB_INPUT
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(job_id=FieldType.TEXT)
    LOGGED: ClassVar[bool] = False

    job_id: str
    payload: Mapping[str, Any]
