"""What every record has, and what it declares about itself to the stores.

A store knows no kind of record by name. It reads four declarations: the fields that may be
filtered and ordered by, the fields that refer to other records, the keys that only one live record
of a partition may hold, and the text that full-text search sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from mnemos_graph.model.ids import RecordId
from mnemos_graph.model.scope import Partition, Scope


class RecordKind(StrEnum):
    MEMORY = "memory"
    EPISODE = "episode"
    ENTITY = "entity"
    FACT = "fact"
    BLOCK = "block"
    JOB = "job"
    RECEIPT = "receipt"
    JOB_INPUT = "job_input"
    LATCH = "latch"
    SUPPORT = "support"
    TEMPLATE = "template"
    ONTOLOGY = "ontology"
    READING = "reading"


class FieldType(StrEnum):
    """How a declared field compares: see ``mnemos_graph.store.filters``."""

    TEXT = "text"
    NUMBER = "number"
    INSTANT = "instant"
    FLAG = "flag"
    TEXTS = "texts"
    """Several texts, without order. Only ``HasAll`` and ``Present`` apply."""
    OBJECT = "object"
    """A JSON object. Only ``HasPairs`` and ``Present`` apply."""


class Reference(NamedTuple):
    field: str
    kind: RecordKind
    id: RecordId


_EVERY_RECORD = {
    "id": FieldType.TEXT,
    "user_id": FieldType.TEXT,
    "agent_id": FieldType.TEXT,
    "session_id": FieldType.TEXT,
    "created_at": FieldType.INSTANT,
    "updated_at": FieldType.INSTANT,
}


def fields(**own: FieldType) -> Mapping[str, FieldType]:
    """Return the declared fields of a kind: its own beside those that every record has."""
    return MappingProxyType(_EVERY_RECORD | own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One immutable state of something known. A change makes the next version of it."""

    KIND: ClassVar[RecordKind]
    INDEXED: ClassVar[Mapping[str, FieldType]]
    REFERS: ClassVar[Mapping[str, RecordKind]] = MappingProxyType({})
    """Fields that hold an id, or a tuple of ids, of records of that kind."""
    LOGGED: ClassVar[bool] = True
    """Bookkeeping records have no log entry, and only their last version is kept."""

    id: RecordId
    scope: Scope
    created_at: datetime
    updated_at: datetime
    version: int = 1
    """1 when created, one more at every change, a deletion included."""

    @property
    def partition(self) -> Partition:
        return self.scope.partition

    def natural_keys(self) -> tuple[str, ...]:
        """Return the keys that this record claims in its partition while it is live."""
        return ()

    def searchable(self) -> str:
        """Return the text that full-text search finds this record by; empty: it is not found."""
        return ""

    def references(self) -> tuple[Reference, ...]:
        """Return what this record points to, field by field."""
        found: list[Reference] = []
        for name, kind in self.REFERS.items():
            held = getattr(self, name)
            if isinstance(held, tuple):
                found += [Reference(name, kind, target) for target in held]
            elif held:
                found.append(Reference(name, kind, held))
        return tuple(found)

    def field(self, name: str) -> Any:
        """Return a declared field's value: the three of the scope by their own names."""
        owner = self.scope if name in _OF_SCOPE else self
        return getattr(owner, name)


_OF_SCOPE = frozenset({"user_id", "agent_id", "session_id"})
