"""Blocks: core memory, short texts that an agent always has before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mnemos_graph.model.record import FieldType, Record, RecordKind, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Record):
    KIND: ClassVar[RecordKind] = RecordKind.BLOCK
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(label=FieldType.TEXT)

    label: str
    value: str
    description: str | None = None
    limit: int = 2_000
    """Characters."""
    read_only: bool = False

    def natural_keys(self) -> tuple[str, ...]:
        agent, session = self.scope.agent_id or "", self.scope.session_id or ""
        return (f"{len(agent)}:{agent}:{len(session)}:{session}:{self.label}",)
