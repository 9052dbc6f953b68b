"""Templates: how an organization wants contexts written, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mnemos_graph.model.record import FieldType, Record, RecordKind, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(Record):
    """It belongs to all of the organization, so it is in the shared partition."""

    KIND: ClassVar[RecordKind] = RecordKind.TEMPLATE
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(name=FieldType.TEXT)

    name: str
    text: str

    def natural_keys(self) -> tuple[str, ...]:
        return (self.name,)
