"""Records as lines of a file that another Mnemos can take in: ids, times and references kept.

A line tells a record as it is now. Earlier versions stay behind, so versions begin again at 1.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from mnemos_graph.errors import BadInput
from mnemos_graph.memory import checks
from mnemos_graph.memory.kinds import types
from mnemos_graph.model import (
    Access,
    Block,
    Entity,
    Episode,
    Fact,
    Memory,
    MemoryType,
    Record,
    Scope,
)
from mnemos_graph.store import Equal, Filter, Find, GraphStore, Mark

FORMAT = "mnemos"
VERSION = 1
HEADER: Mapping[str, Any] = {"format": FORMAT, "version": VERSION}
"""The first line of a file."""

PORTABLE: tuple[type[Record], ...] = (Entity, Episode, Fact, Memory, Block)
"""What is written, in this order: so most references lead back."""

PAGE = 500

_KINDS = {kind.KIND.value: kind for kind in PORTABLE}
_NAMES: Mapping[type, Sequence[str]] = {
    kind: tuple(each.name for each in fields(kind)) for kind in (*PORTABLE, Scope)
}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def exported(
    store: GraphStore, access: Access, user_id: str | None = None, *, secrets: bool = False
) -> AsyncGenerator[Mapping[str, Any], None]:
    """Yield everything that is known, or all of one user, as lines; the header first.

    What the knowledge vault keeps is left out, unless ``secrets`` are asked for: a line tells it in
    clear. Who may have them is decided by the caller.

    What is written meanwhile may be among it or not.
    """
    yield HEADER
    where: Filter = (Equal("user_id", user_id),) if user_id is not None else ()
    for kind in PORTABLE:
        after: Mark | None = None
        while True:
            (page,) = await store.find(access, [Find(kind, where, first=PAGE, after=after)])
            for record in page.records:
                if secrets or not _is_secret(record):
                    yield line_of(record)
            if not page.has_more:
                break
            after = Mark(page.records[-1].id, page.records[-1].id)


def _is_secret(record: Record) -> bool:
    return isinstance(record, Memory) and record.type is MemoryType.KNOWLEDGE_VAULT


def line_of(record: Record) -> Mapping[str, Any]:
    """Return a record as one line says it, in JSON's types."""
    told = msgspec.to_builtins(record)
    del told["version"]
    scope = {_CAMEL[name]: value for name, value in told.pop("scope").items() if value}
    said = {_CAMEL[name]: value for name, value in told.items() if value not in (None, [], {})}
    return {"kind": record.KIND.value, "scope": scope, **_unkind(record, said)}


def record_of(line: Mapping[str, Any]) -> Record:
    """Return the record that a line tells of, as its first version.

    Raises:
        BadInput: it tells of none, or of one that cannot be kept.
    """
    kind = _KINDS.get(str(line.get("kind")))
    if kind is None:
        raise BadInput(f"kind is {line.get('kind')!r}. Give one of {', '.join(_KINDS)}.")
    told = {_snake(name): value for name, value in line.items() if name != "kind"}
    if issubclass(kind, Entity) and "entity_kind" in told:
        told["kind"] = told.pop("entity_kind")
    scope = told.get("scope") or {}
    if not isinstance(scope, Mapping):
        raise BadInput('scope must be an object, such as {"userId": "ana"}.')
    told["scope"] = {_snake(name): value for name, value in scope.items()}
    told["version"] = 1
    try:
        record: Record = msgspec.convert(told, kind)
    except msgspec.ValidationError as wrong:
        raise BadInput(f"This is no {kind.KIND.value}: {wrong}.") from wrong
    return _checked(_dated(record))


def in_order(records: Sequence[Record]) -> Iterator[Record]:
    """Yield records so that each comes behind those of them that it refers to.

    Those of the shared partition come first, then one partition after the other. Records that
    refer to each other in a circle are yielded too; the store will refuse the first of them.
    """
    by_id = {record.id: record for record in records}
    begun: set[str] = set()
    yielded: set[str] = set()
    for start in sorted(records, key=lambda record: record.partition):
        path = [start]
        while path:
            record = path[-1]
            begun.add(record.id)
            ahead = [each.id for each in record.references() if each.id in by_id]
            if waits_for := next((id_ for id_ in ahead if id_ not in begun), None):
                path.append(by_id[waits_for])
                continue
            path.pop()
            if record.id not in yielded:
                yielded.add(record.id)
                yield record


def same(one: Record, other: Record) -> bool:
    """Return whether two records say the same, whatever their versions."""
    return replace(one, version=1, updated_at=other.updated_at) == replace(other, version=1)


def _dated(record: Record) -> Record:
    """Return ``record`` with every instant that has no offset taken as UTC."""
    late: dict[str, Any] = {
        name: value.replace(tzinfo=UTC)
        for name in _NAMES[type(record)]
        if isinstance(value := getattr(record, name), datetime) and value.tzinfo is None
    }
    return replace(record, **late) if late else record


def _checked(record: Record) -> Record:
    if not _UUID.fullmatch(record.id):
        raise BadInput(f"id is {record.id!r}, which is no UUID in lower case.")
    for name in _NAMES[type(record)]:
        _check(name, getattr(record, name))
    if isinstance(record, Memory | Episode):
        checks.text("text", record.text)
    if isinstance(record, Memory):
        types.checked(record)
    if isinstance(record, Memory) and record.pinned and record.expires_at:
        raise BadInput("A memory that is pinned has no expiresAt. Leave one of the two out.")
    if isinstance(record, Fact) and (record.object_id is None) == (record.value is None):
        raise BadInput("A fact has exactly one of objectId and value.")
    return record


def _check(name: str, value: object) -> None:
    if name == "metadata":
        checks.metadata(value)
    elif isinstance(value, float):
        checks.share(_CAMEL[name], value)
    elif isinstance(value, str):
        checks.storable(_CAMEL[name], value)
    elif isinstance(value, tuple):
        (checks.tags if name == "tags" else _check_each)(value)


def _check_each(values: tuple[str, ...]) -> None:
    for value in values:
        checks.storable("A name or id", value)


def _unkind(record: Record, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entity has a kind of its own, which gives way to the line's."""
    if not isinstance(record, Entity):
        return said
    return {("entityKind" if name == "kind" else name): value for name, value in said.items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


_CAMEL = {name: _camel(name) for names in _NAMES.values() for name in names}
_SNAKE = {camel: name for name, camel in _CAMEL.items()}


def _snake(name: str) -> str:
    return _SNAKE.get(name) or re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
