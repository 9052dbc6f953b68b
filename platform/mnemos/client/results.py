"""What Mnemos answers, as frozen values. Instants have an offset; a cursor is an opaque text.

Names of enums are plain text, because a newer server may know more of them than this client.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Result(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Fields that a newer server adds are passed over."""


class Scope(Result, frozen=True, kw_only=True, rename="camel"):
    """Whose memory it is."""

    user_id: str | None = None
    agent_id: str | None = None
    session_id: str | None = None


class Memory(
    Result, frozen=True, kw_only=True, rename="camel", tag_field="__typename", tag="Memory"
):
    id: str
    type: str
    level: str
    text: str
    scope: Scope
    importance: float
    """0 to 1."""
    tags: tuple[str, ...]
    metadata: Mapping[str, Any]
    version: int
    valid_from: datetime | None
    valid_to: datetime | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    pinned: bool
    """It never expires, and is never taken down a level by itself."""


class MemoryVersion(Result, frozen=True, kw_only=True, rename="camel"):
    version: int
    text: str
    action: str
    reason: str | None
    actor: str
    at: datetime


class Episode(
    Result, frozen=True, kw_only=True, rename="camel", tag_field="__typename", tag="Episode"
):
    """What came in, as it came in."""

    id: str
    text: str
    speaker: str | None
    source: str | None
    occurred_at: datetime
    created_at: datetime
    scope: Scope
    metadata: Mapping[str, Any]


class Named(Result, frozen=True, kw_only=True, rename="camel"):
    """An entity, as far as a fact tells of it."""

    id: str
    name: str
    kind: str


class Entity(
    Named, frozen=True, kw_only=True, rename="camel", tag_field="__typename", tag="Entity"
):
    aliases: tuple[str, ...]
    summary: str | None
    metadata: Mapping[str, Any]
    scope: Scope
    created_at: datetime
    updated_at: datetime


class Fact(Result, frozen=True, kw_only=True, rename="camel", tag_field="__typename", tag="Fact"):
    id: str
    subject_id: str
    subject: Named | None
    predicate: str
    object: Named | None
    """Exactly one of ``object`` and ``value`` is set."""
    value: str | None
    statement: str
    confidence: float
    valid_from: datetime | None
    valid_to: datetime | None
    recorded_at: datetime
    invalidated_at: datetime | None


class Subgraph(Result, frozen=True, kw_only=True, rename="camel"):
    entities: tuple[Entity, ...]
    facts: tuple[Fact, ...]
    truncated: bool


class Block(Result, frozen=True, kw_only=True, rename="camel", tag_field="__typename", tag="Block"):
    id: str
    label: str
    value: str
    description: str | None
    limit: int
    """Characters."""
    read_only: bool
    version: int
    scope: Scope
    updated_at: datetime


class Template(
    Result, frozen=True, kw_only=True, rename="camel", tag_field="__typename", tag="Template"
):
    id: str
    name: str
    text: str
    version: int
    updated_at: datetime


class EntityType(Result, frozen=True, kw_only=True, rename="camel"):
    name: str
    description: str


class FactType(Result, frozen=True, kw_only=True, rename="camel"):
    name: str
    description: str
    subjects: tuple[str, ...]
    objects: tuple[str, ...]


class Ontology(
    Result, frozen=True, kw_only=True, rename="camel", tag_field="__typename", tag="Ontology"
):
    """What an organization wants noted of what it tells. A change of the log has no types."""

    id: str
    instructions: str
    entity_types: tuple[EntityType, ...] = ()
    fact_types: tuple[FactType, ...] = ()
    closed: bool
    version: int
    updated_at: datetime


class ModelCost(Result, frozen=True, kw_only=True, rename="camel"):
    model: str
    calls: int
    failures: int
    tokens_read: int
    tokens_cached: int
    tokens_written: int
    dollars: float | None
    """None where not all of it is known."""


class Cost(Result, frozen=True, kw_only=True, rename="camel"):
    """What language models cost."""

    dollars: float | None
    """None where not all of it is known."""
    models: tuple[ModelCost, ...]


class Job(Result, frozen=True, kw_only=True, rename="camel", tag_field="__typename", tag="Job"):
    id: str
    kind: str
    state: str
    progress: float
    """0 to 1."""
    total: int | None
    done: int
    failed: int
    error: str | None
    created_at: datetime
    finished_at: datetime | None
    cost: Cost | None = None
    """None where no language model was asked, and in a change of the log."""

    @property
    def ended(self) -> bool:
        return self.state not in {"QUEUED", "RUNNING"}


class SignalScore(Result, frozen=True, kw_only=True, rename="camel"):
    signal: str
    rank: int | None
    score: float
    """Its share of the hit's score."""


class RecallHit(Result, frozen=True, kw_only=True, rename="camel"):
    memory: Memory
    score: float
    """0 to 1: an estimate of the chance that it is relevant."""
    explanation: tuple[SignalScore, ...]


class RecallResult(Result, frozen=True, kw_only=True, rename="camel"):
    hits: tuple[RecallHit, ...]
    took_ms: float
    position: str
    degraded: tuple[str, ...]


class WatchHit(Result, frozen=True, kw_only=True, rename="camel"):
    """Something that is watched for; without memory and fact, only how far it was told."""

    memory: Memory | None
    fact: Fact | None
    score: float | None
    position: str


class Context(Result, frozen=True, kw_only=True, rename="camel"):
    """Ready to be put in front of a model."""

    text: str
    tokens: int
    tokenizer: str
    hits: tuple[RecallHit, ...]
    facts: tuple[Fact, ...]
    blocks: tuple[Block, ...]
    omitted: int
    position: str
    degraded: tuple[str, ...]


class Decision(Result, frozen=True, kw_only=True, rename="camel"):
    action: str
    memory: Memory | None
    reason: str


class Remembered(Result, frozen=True, kw_only=True, rename="camel"):
    episodes: tuple[Episode, ...]
    decisions: tuple[Decision, ...]
    pending: Job | None
    position: str


class MemoryWritten(Result, frozen=True, kw_only=True, rename="camel"):
    memory: Memory
    position: str


class Deleted(Result, frozen=True, kw_only=True, rename="camel"):
    deleted_count: int
    position: str


class FactWritten(Result, frozen=True, kw_only=True, rename="camel"):
    fact: Fact
    closed: tuple[Fact, ...]
    """The facts that it ended."""
    position: str


class Merged(Result, frozen=True, kw_only=True, rename="camel"):
    merge_id: str
    entity: Entity
    merged: tuple[Entity, ...]
    position: str


class JobStarted(Result, frozen=True, kw_only=True, rename="camel"):
    job: Job
    position: str


class TemplateWritten(Result, frozen=True, kw_only=True, rename="camel"):
    template: Template
    position: str


class OntologyWritten(Result, frozen=True, kw_only=True, rename="camel"):
    ontology: Ontology
    position: str


class BlockWritten(Result, frozen=True, kw_only=True, rename="camel"):
    block: Block
    position: str


class Viewer(Result, frozen=True, kw_only=True, rename="camel"):
    """Whom the credentials belong to."""

    organization_id: str
    actor: str
    role: str
    permissions: tuple[str, ...]


class ApiKey(Result, frozen=True, kw_only=True, rename="camel"):
    """What is kept of a key."""

    id: str
    name: str
    role: str
    created_at: datetime
    revoked_at: datetime | None


class NewApiKey(Result, frozen=True, kw_only=True, rename="camel"):
    key: ApiKey
    secret: str
    """What a client sends. It is shown once."""


Subject = Memory | Episode | Entity | Fact | Block | Job | Template | Ontology


class Change(Result, frozen=True, kw_only=True, rename="camel"):
    position: str
    kind: str
    subject_type: str
    subject_id: str
    subject: Subject | None
    """As it was right after this change; None where it was deleted or erased, or is of a kind
    that this client does not know."""
    actor: str
    at: datetime


class ChangePage(Result, frozen=True, kw_only=True, rename="camel"):
    """Changes in order, never half of what was committed together."""

    changes: tuple[Change, ...]
    position: str
    """Where to go on from."""
    has_more: bool


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    items: tuple[T, ...]
    next: str | None
    """Pass it as ``after`` to get the next page; None: this is the last."""
    total: int | None
    """None where counting would be dear."""
