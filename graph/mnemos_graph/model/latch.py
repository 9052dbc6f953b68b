"""Latches: what makes two decisions over the same facts notice each other.

Which fact ends which is decided from all facts of a subject. Two decisions that each add one have
no record in common; so each also makes the next version of the subject's latch, and only one can.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mnemos_graph.model.ids import RecordId
from mnemos_graph.model.record import FieldType, Record, RecordKind, fields
from mnemos_graph.model.scope import Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Latch(Record):
    """One for each entity and partition that has facts about it."""

    KIND: ClassVar[RecordKind] = RecordKind.LATCH
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(subject_id=FieldType.TEXT)
    LOGGED: ClassVar[bool] = False

    subject_id: RecordId


def latch_id(partition: Partition, subject_id: RecordId) -> RecordId:
    """Return the id of the latch of this subject in this partition."""
    return RecordId(hashlib.sha256(f"latch\0{partition}\0{subject_id}".encode()).hexdigest()[:32])
