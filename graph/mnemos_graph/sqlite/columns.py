"""Records as rows: one table of versions for each kind, its columns what the kind declares."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar, cast

from mnemos_graph.committing.forms import Body, encoded
from mnemos_graph.model import RECORD_TYPES, FieldType, Partition, Record, RecordKind
from mnemos_graph.model.instants import micros

R = TypeVar("R", bound=Record)

Link = tuple[str, str]
"""A field of several texts, and one of them."""

_OWNER = 6
"""So many of the declared fields every record has, before its kind's own."""

_VERSION = "org, id, version, born, died, change, reason, actor, at"
_EVERY = "user_id, agent_id, session_id, created_at, updated_at"
_EVERY_PATH = ("scope.user_id", "scope.agent_id", "scope.session_id", "created_at", "updated_at")
_CHUNKS = (1, 4, 16, 32, 64, 128, 256, 512)


def stored(value: Any) -> Any:
    """Return a scalar as its column holds it."""
    if isinstance(value, str):
        return str(value)
    return micros(value) if isinstance(value, datetime) else value


def chunked(values: Collection[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield ``?, ?, …`` and as many values, in few different lengths: statements are cached.

    A chunk is filled up by repeating its last value, which changes nothing within ``IN``.
    """
    rest = list(values)
    while rest:
        size = next((size for size in _CHUNKS if size >= len(rest)), _CHUNKS[-1])
        part, rest = rest[:size], rest[size:]
        yield ", ".join("?" * size), part + part[-1:] * (size - len(part))


def _json(value: Any) -> str | None:
    return encoded(value).decode() if value else None


_STORED: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.TEXT: str,
    FieldType.INSTANT: micros,
    FieldType.FLAG: int,
    FieldType.TEXTS: _json,
    FieldType.OBJECT: _json,
}


class Table(Body[R]):
    """How one kind of record is kept."""

    def __init__(self, kind: type[R]) -> None:
        super().__init__(kind)
        own = list(kind.INDEXED.items())[_OWNER:]
        names = [name for name, _ in own]
        types = dict(enumerate([FieldType.INSTANT] * 2 + [type_ for _, type_ in own], start=3))
        self.name = kind.KIND.value
        self.insert = self._insert(names)
        self._values = attrgetter(*_EVERY_PATH, *names)
        self._stored = [(at, _STORED[type_]) for at, type_ in types.items() if type_ in _STORED]
        self._texts = [
            (at, f"{self.name}.{names[at - len(_EVERY_PATH)]}")
            for at, type_ in types.items()
            if type_ is FieldType.TEXTS
        ]

    def _insert(self, names: Sequence[str]) -> str:
        columns = ", ".join(["rowid", _VERSION, _EVERY, *(f'"{name}"' for name in names), "body"])
        return f"INSERT INTO {self.name} ({columns}) VALUES ({', '.join('?' * (16 + len(names)))})"

    def columns(self, record: Record, body: bytes) -> tuple[list[Any], list[Link]]:
        """Return what follows a version's own columns in its row, and the record's links."""
        values = list(self._values(record))
        links = self._links(values)
        for at, stored_ in self._stored:
            value = values[at]
            if value is not None:
                values[at] = stored_(value)
        values.append(body)
        return values, links

    def links(self, record: Record) -> list[Link]:
        """Return every text in the record's fields of several texts, each with its field."""
        return self._links(self._values(record))

    def _links(self, values: Sequence[Any]) -> list[Link]:
        return [(field, value) for at, field in self._texts for value in dict.fromkeys(values[at])]


TABLES: Mapping[RecordKind, Table[Record]] = {
    kind: Table(type_) for kind, type_ in RECORD_TYPES.items()
}


def table_of(kind: type[R]) -> Table[R]:
    return cast("Table[R]", TABLES[kind.KIND])


def tables_of(kind: type[R]) -> list[Table[R]]:
    """Return the kind's table; for ``Record``, every table."""
    found = [table for table in TABLES.values() if issubclass(table.kind, kind)]
    return cast("list[Table[R]]", found)


def scope_tokens(org: int, kind: RecordKind, partition: Partition) -> str:
    """Return the tokens of full text's scope column: the organization's and the partition's."""
    return f"{scope_token(org, kind)} {scope_token(org, kind, partition)}"


@lru_cache(maxsize=4_096)
def scope_token(org: int, kind: RecordKind, partition: Partition | None = None) -> str:
    token = f"o{org}{kind.value.replace('_', '')}"
    if partition is None:
        return token
    return f"{token}p{hashlib.blake2b(partition.encode(), digest_size=12).hexdigest()}"
