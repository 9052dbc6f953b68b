"""Episodes: what came in, as it came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from mnemos_graph.model.record import FieldType, Record, RecordKind, fields


class MessageRole(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode(Record):
    """One message or text, never changed, kept as the source of everything derived from it."""

    KIND: ClassVar[RecordKind] = RecordKind.EPISODE
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(
        occurred_at=FieldType.INSTANT, source=FieldType.TEXT, speaker=FieldType.TEXT
    )

    text: str
    occurred_at: datetime
    role: MessageRole = MessageRole.USER
    speaker: str | None = None
    source: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def searchable(self) -> str:
        return self.text
