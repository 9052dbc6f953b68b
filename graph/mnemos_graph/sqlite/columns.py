"""Records as rows: one table of versions for each kind, its columns what the kind declares."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast

import msgspec

from mnemos_graph.model import RECORD_TYPES, FieldType, Partition, Record, RecordKind
from mnemos_graph.model.words import words

R = TypeVar("R", bound=Record)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_OWNER = 6
"""So many of the declared fields every record has, before its kind's own."""

_VERSION = "org, id, version, born, died, change, reason, actor, at"
_EVERY = "user_id, agent_id, session_id, created_at, updated_at"
_CHUNKS = (1, 4, 16, 32, 64, 128, 256, 512)

_encode = msgspec.json.Encoder().encode


def micros(at: datetime) -> int:
    """Return an instant as whole microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def instant(micros_: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros_)


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
    return _encode(value).decode() if value else None


_STORED: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.TEXT: str,
    FieldType.NUMBER: lambda number: number,
    FieldType.INSTANT: micros,
    FieldType.FLAG: int,
    FieldType.TEXTS: _json,
    FieldType.OBJECT: _json,
}


class Table(Generic[R]):
    """How one kind of record is kept."""

    def __init__(self, kind: type[R]) -> None:
        own = list(kind.INDEXED.items())[_OWNER:]
        names = [name for name, _ in own]
        self.kind = kind
        self.name = kind.KIND.value
        self.insert = self._insert(names)
        self._own = attrgetter(*names)
        self._single = len(names) == 1
        self._convert = [_STORED[type_] for _, type_ in own]
        self._texts = [
            (name, f"{self.name}.{name}") for name, type_ in own if type_ is FieldType.TEXTS
        ]
        self.decode = msgspec.json.Decoder(kind).decode
        self._decode_all = msgspec.json.Decoder(list[kind]).decode  # type: ignore[valid-type]

    def _insert(self, names: Sequence[str]) -> str:
        columns = ", ".join(["rowid", _VERSION, _EVERY, *(f'"{name}"' for name in names), "body"])
        return f"INSERT INTO {self.name} ({columns}) VALUES ({', '.join('?' * (16 + len(names)))})"

    def columns(self, record: Record) -> tuple[Any, ...]:
        """Return what follows a version's own columns in its row."""
        scope, own = record.scope, self._own(record)
        values = (own,) if self._single else own
        return (
            scope.user_id,
            scope.agent_id,
            scope.session_id,
            micros(record.created_at),
            micros(record.updated_at),
            *[
                None if value is None else convert(value)
                for convert, value in zip(self._convert, values, strict=True)
            ],
            _encode(record),
        )

    def links(self, record: Record) -> list[tuple[str, str]]:
        """Return (field, value) of every text in the record's fields of several texts."""
        return [
            (field, value)
            for name, field in self._texts
            for value in dict.fromkeys(getattr(record, name))
        ]

    def decoded(self, bodies: Iterable[bytes]) -> list[R]:
        """Return many records at once, which is cheaper than one by one."""
        return self._decode_all(b"[%b]" % b",".join(bodies))


TABLES: Mapping[RecordKind, Table[Record]] = {
    kind: Table(type_) for kind, type_ in RECORD_TYPES.items()
}


def table_of(kind: type[R]) -> Table[R]:
    return cast("Table[R]", TABLES[kind.KIND])


def tables_of(kind: type[R]) -> list[Table[R]]:
    """Return the kind's table; for ``Record``, every table."""
    found = [table for table in TABLES.values() if issubclass(table.kind, kind)]
    return cast("list[Table[R]]", found)


def digests(record: Record) -> list[bytes]:
    """Return the record's natural keys, each with its partition and kind, in 16 bytes."""
    owner = f"{record.KIND.value}\0{record.partition}\0"
    return [
        hashlib.blake2b((owner + key).encode(), digest_size=16).digest()
        for key in record.natural_keys()
    ]


def searchable_words(record: Record) -> str:
    """Return the words that full text finds the record by, separated by spaces."""
    text = record.searchable()
    return " ".join(words(text)) if text else ""


def scope_tokens(org: int, kind: RecordKind, partition: Partition) -> str:
    """Return the tokens of full text's scope column: the organization's and the partition's."""
    return f"{scope_token(org, kind)} {scope_token(org, kind, partition)}"


@lru_cache(maxsize=4_096)
def scope_token(org: int, kind: RecordKind, partition: Partition | None = None) -> str:
    token = f"o{org}{kind.value.replace('_', '')}"
    if partition is None:
        return token
    return f"{token}p{hashlib.blake2b(partition.encode(), digest_size=12).hexdigest()}"
