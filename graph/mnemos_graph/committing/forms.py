"""The forms in which every backend keeps records, instants, keys and words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar, cast

import msgspec

from mnemos_graph.model import RECORD_TYPES, Record, RecordKind
from mnemos_graph.model.words import words

R = TypeVar("R", bound=Record)

encoded = msgspec.json.Encoder().encode
"""Return anything that a record holds, or a record itself, as JSON."""


class Body(Generic[R]):
    """How one kind of record is read back from its JSON."""

    def __init__(self, kind: type[R]) -> None:
        self.kind = kind
        self.decode = msgspec.json.Decoder(kind).decode
        self._decode_all = msgspec.json.Decoder(list[kind]).decode  # type: ignore[valid-type]

    def decoded(self, bodies: Iterable[bytes]) -> list[R]:
        """Return many records at once, which is cheaper than one by one."""
        return self._decode_all(b"[%b]" % b",".join(bodies))


BODIES: Mapping[RecordKind, Body[Record]] = {
    kind: Body(type_) for kind, type_ in RECORD_TYPES.items()
}


def body_of(kind: type[R]) -> Body[R]:
    return cast("Body[R]", BODIES[kind.KIND])


def bodies_of(kind: type[R]) -> list[Body[R]]:
    """Return the kind's own; for ``Record``, every kind's."""
    found = [body for body in BODIES.values() if issubclass(body.kind, kind)]
    return cast("list[Body[R]]", found)


def digests(record: Record) -> list[bytes]:
    """Return the record's natural keys, each with its partition and kind, in 16 bytes."""
    keys = record.natural_keys()
    if not keys:
        return []
    owner = f"{record.KIND.value}\0{record.partition}\0"
    return [hashlib.blake2b((owner + key).encode(), digest_size=16).digest() for key in keys]


def searchable_words(record: Record) -> str:
    """Return the words that full text finds the record by, separated by spaces."""
    text = record.searchable()
    return " ".join(words(text)) if text else ""
