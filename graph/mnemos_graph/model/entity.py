"""Entities: the people, places and things that facts are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mnemos_graph.model.ids import RecordId
from mnemos_graph.model.record import FieldType, Record, RecordKind, fields
from mnemos_graph.model.words import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity(Record):
    KIND: ClassVar[RecordKind] = RecordKind.ENTITY
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(
        kind=FieldType.TEXT,
        folded_name=FieldType.TEXT,
        folded_names=FieldType.TEXTS,
        merged_into=FieldType.TEXT,
        merge_id=FieldType.TEXT,
    )
    REFERS: ClassVar[Mapping[str, RecordKind]] = {"merged_into": RecordKind.ENTITY}

    name: str
    kind: str = "TOPIC"
    """PERSON, ORGANIZATION, PLACE, EVENT, PRODUCT, TOPIC, or one of the organization's own."""
    aliases: tuple[str, ...] = ()
    summary: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    merged_into: RecordId | None = None
    """The entity that this one turned out to be; reads follow it, unmerging clears it."""
    merge_id: RecordId | None = None
    lent: tuple[str, ...] = ()
    """Names that the entity it was merged into took over as aliases, until they are unmerged."""

    @property
    def folded_name(self) -> str:
        return fold(self.name)

    @property
    def folded_names(self) -> tuple[str, ...]:
        """The name and every alias, folded."""
        return tuple(dict.fromkeys(fold(name) for name in (self.name, *self.aliases)))

    def natural_keys(self) -> tuple[str, ...]:
        return (f"{self.kind}:{self.folded_name}",)

    def searchable(self) -> str:
        return "\n".join((self.name, *self.aliases))
