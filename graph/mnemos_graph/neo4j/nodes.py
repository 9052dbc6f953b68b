"""Versions of records as the properties of nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from mnemos_graph.committing import Made
from mnemos_graph.model import RECORD_TYPES, FieldType, OrganizationId, Record, RecordKind
from mnemos_graph.model.instants import micros
from mnemos_graph.neo4j.names import pair, relationship, scope_tokens

Properties = dict[str, Any]

_OF_EVERY_RECORD = 6
"""So many declared fields come first in every kind."""


def _pairs(value: Mapping[str, Any]) -> list[str] | None:
    return [pair(key, each) for key, each in value.items()] or None


_STORED: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.TEXT: str,
    FieldType.NUMBER: lambda number: number,
    FieldType.INSTANT: micros,
    FieldType.FLAG: bool,
    FieldType.TEXTS: lambda texts: [str(each) for each in texts] or None,
    FieldType.OBJECT: _pairs,
}


class _Form:
    """How one kind of record becomes properties."""

    def __init__(self, kind: type[Record]) -> None:
        own = list(kind.INDEXED.items())[_OF_EVERY_RECORD:]
        self._own = [(name, attrgetter(name), _STORED[type_]) for name, type_ in own]
        self._texts = [
            (f"{kind.KIND.value}.{name}", attrgetter(name))
            for name, type_ in own
            if type_ is FieldType.TEXTS and name not in kind.REFERS
        ]

    def properties(self, record: Record) -> Properties:
        scope = record.scope
        held = {
            "id": record.id,
            "version": record.version,
            "partition": record.partition,
            "user_id": scope.user_id,
            "agent_id": scope.agent_id,
            "session_id": scope.session_id,
            "created_at": micros(record.created_at),
            "updated_at": micros(record.updated_at),
        }
        for name, value_of, stored in self._own:
            value = value_of(record)
            if value is not None:
                held[name] = stored(value)
        return {name: value for name, value in held.items() if value is not None}

    def texts(self, record: Record) -> list[tuple[str, str]]:
        """Return (field, text) of every text in fields of several that are no references."""
        return [
            (field, str(text))
            for field, texts_of in self._texts
            for text in dict.fromkeys(texts_of(record))
        ]


_FORMS: Mapping[RecordKind, _Form] = {kind: _Form(type_) for kind, type_ in RECORD_TYPES.items()}


def properties(organization: OrganizationId, made: Made) -> Properties:
    """Return all that the node of a current version holds."""
    record, put = made.record, made.put
    held = _FORMS[record.KIND].properties(record) | {
        "org": organization,
        "born": made.born,
        "change": made.kind.value,
        "reason": made.reason,
        "actor": made.actor,
        "at": made.at,
        "body": made.body.decode(),
    }
    if put is not None and put.words:
        held["words"] = put.words
        held["tokens"] = scope_tokens(organization, record.KIND, put.partition)
    return held


Edges = set[tuple[str, str]]
"""Relationships of one record: (type, id of the record that it leads to)."""


def edges(record: Record | None) -> Edges:
    """Return the references of a live record; None: it is not there."""
    if record is None:
        return set()
    return {(relationship(each.field), each.id) for each in record.references()}


def texts(record: Record | None) -> set[tuple[str, str]]:
    """Return the (field, text) of a live record's own text nodes; None: it is not there."""
    return set(_FORMS[record.KIND].texts(record)) if record else set()
