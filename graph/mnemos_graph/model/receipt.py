"""Receipts: what a client's idempotency key was answered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mnemos_graph.model.ids import RecordId
from mnemos_graph.model.record import FieldType, Record, RecordKind, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(Record):
    """Pending from an operation's first commit, answered by its last."""

    KIND: ClassVar[RecordKind] = RecordKind.RECEIPT
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(operation=FieldType.TEXT)
    LOGGED: ClassVar[bool] = False

    operation: str
    digest: str
    """Of the input that came with the key; another input with the same key is a conflict."""
    answer: Mapping[str, Any] | None = None
    """Ids and versions to answer with again; None while the operation is under way."""
    progress: Mapping[str, Any] | None = None
    """What an operation of several commits needs to be resumed."""


def receipt_id(operation: str, key: str) -> RecordId:
    """Return the id under which an organization keeps the receipt of this operation and key."""
    return RecordId(hashlib.sha256(f"{operation}\0{key}".encode()).hexdigest()[:32])
