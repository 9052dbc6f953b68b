"""Readings: what a language model answered about turns, for whoever asks the same again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mnemos_graph.model.ids import RecordId
from mnemos_graph.model.record import FieldType, Record, RecordKind, fields
from mnemos_graph.model.scope import Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Record):
    """It repeats what a user said, so it belongs to the user's partition and is forgotten with it."""

    KIND: ClassVar[RecordKind] = RecordKind.READING
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(model=FieldType.TEXT)
    LOGGED: ClassVar[bool] = False

    model: str
    answer: str
    """As JSON."""


def reading_id(partition: Partition, key: str) -> RecordId:
    """Return the id under which a partition keeps what was answered to what ``key`` names."""
    return RecordId(hashlib.sha256(f"reading\0{partition}\0{key}".encode()).hexdigest()[:32])
