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
class Spending:
    """What calls of one language model came to, in tokens as its provider counted them."""

    model: str
    calls: int = 0
    failures: int = 0
    """Calls without an answer."""
    read: int = 0
    cached: int = 0
    """Of those read, what the provider still had of earlier requests."""
    written: int = 0
    dollars: float | None = 0.0
    """None where not all of it is known."""

    def __add__(self, other: Spending) -> Spending:
        known = self.dollars is not None and other.dollars is not None
        return Spending(
            model=self.model,
            calls=self.calls + other.calls,
            failures=self.failures + other.failures,
            read=self.read + other.read,
            cached=self.cached + other.cached,
            written=self.written + other.written,
            dollars=(self.dollars or 0.0) + (other.dollars or 0.0) if known else None,
        )


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
    spent: tuple[Spending, ...] = ()
    """On language models, over all tries; by model."""

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
