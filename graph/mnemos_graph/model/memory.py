"""Memories: what is worth keeping, as text that an agent can be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from mnemos_graph.model.ids import RecordId
from mnemos_graph.model.record import FieldType, Record, RecordKind, fields
from mnemos_graph.model.words import fingerprint


class MemoryType(StrEnum):
    WORKING = "working"
    CORE = "core"
    EPISODIC = "episodic"
    SEMANTIC = "semantic"
    PROCEDURAL = "procedural"
    RESOURCE = "resource"
    KNOWLEDGE_VAULT = "knowledge_vault"


class MemoryLevel(StrEnum):
    """How far a memory reaches: from lasting aims down to the situation at hand."""

    STRATEGIC = "strategic"
    TACTICAL = "tactical"
    OPERATIONAL = "operational"
    CONTEXTUAL = "contextual"


NAME = "name"
"""In the metadata of what the knowledge vault keeps: what it is found by."""
STEPS = "steps"
"""In the metadata of a procedure: what is to be done, in order."""
SUCCESSES, FAILURES = "successes", "failures"
"""In the metadata of a procedure: how often it was of use, and how often not."""


class Origin(StrEnum):
    """How a memory came to be, which decides what else may stand beside it."""

    WRITTEN = "written"
    """Given as it is by a caller; nothing is claimed, so the same text may be written twice."""
    VERBATIM = "verbatim"
    """One turn of a conversation; its turn can be kept only once."""
    INFERRED = "inferred"
    """Derived from what was said; while it holds, an agent's partition says it only once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory(Record):
    KIND: ClassVar[RecordKind] = RecordKind.MEMORY
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(
        type=FieldType.TEXT,
        level=FieldType.TEXT,
        importance=FieldType.NUMBER,
        tags=FieldType.TEXTS,
        metadata=FieldType.OBJECT,
        valid_from=FieldType.INSTANT,
        valid_to=FieldType.INSTANT,
        expires_at=FieldType.INSTANT,
        fingerprint=FieldType.TEXT,
        sources=FieldType.TEXTS,
        entity_ids=FieldType.TEXTS,
        fact_ids=FieldType.TEXTS,
        superseded_by=FieldType.TEXT,
    )
    REFERS: ClassVar[Mapping[str, RecordKind]] = {
        "sources": RecordKind.EPISODE,
        "entity_ids": RecordKind.ENTITY,
        "fact_ids": RecordKind.FACT,
        "superseded_by": RecordKind.MEMORY,
    }

    text: str
    type: MemoryType = MemoryType.SEMANTIC
    level: MemoryLevel = MemoryLevel.OPERATIONAL
    origin: Origin = Origin.WRITTEN
    importance: float = 0.5
    """0 to 1."""
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    expires_at: datetime | None = None
    """When it stops being told; None: never, as for all that is pinned."""
    pinned: bool = False
    """Nothing that goes on by itself deletes it or takes its level down."""
    speaker: str | None = None
    """Who said it, where somebody did."""
    occurred_at: datetime | None = None
    """When it was said. A session's turns are in the order of (occurred_at, id)."""
    sources: tuple[RecordId, ...] = ()
    """The episodes that it rests on, the first one first."""
    entity_ids: tuple[RecordId, ...] = ()
    fact_ids: tuple[RecordId, ...] = ()
    superseded_by: RecordId | None = None

    @property
    def fingerprint(self) -> str:
        """The same for texts that differ only in case, spacing and punctuation."""
        return fingerprint(self.text)

    def natural_keys(self) -> tuple[str, ...]:
        if self.origin is Origin.VERBATIM and self.sources:
            return (f"turn:{self.sources[0]}:{self.fingerprint}",)
        if self.origin is Origin.INFERRED and self.valid_to is None:
            return (f"text:{self.scope.agent_id or ''}:{self.fingerprint}",)
        return ()

    @property
    def told(self) -> str:
        """What may be shown to readers, searched and embedded.

        Of a secret that is its name; of a procedure its steps as well.
        """
        match self.type:
            case MemoryType.KNOWLEDGE_VAULT:
                return f"[secret: {self.metadata.get(NAME) or 'without a name'}]"
            case MemoryType.PROCEDURAL if isinstance(
                steps := self.metadata.get(STEPS), list | tuple
            ):
                numbered = (f"{number}. {step}" for number, step in enumerate(steps, start=1))
                return "\n".join((self.text, *numbered))
        return self.text

    @property
    def shown(self) -> str:
        """Its text, where readers may see it, else what they may see in its place."""
        return self.told if self.type is MemoryType.KNOWLEDGE_VAULT else self.text

    def searchable(self) -> str:
        return self.told
