"""Support: further tellings of what is known already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mnemos_graph.model.ids import RecordId
from mnemos_graph.model.record import FieldType, Record, RecordKind, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Support(Record):
    """One more telling of a fact or a memory.

    A fact or memory names the source that it begins with. Whoever says it again is kept here, so
    that hundreds who do change nothing that anybody listens to, and each of them is enough.
    """

    KIND: ClassVar[RecordKind] = RecordKind.SUPPORT
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(
        supports=FieldType.TEXT, episode_id=FieldType.TEXT, told_at=FieldType.INSTANT
    )
    LOGGED: ClassVar[bool] = False

    supports: RecordId
    episode_id: RecordId | None = None
    """Absent where somebody stated it directly."""
    told_at: datetime
    """When it was told, or since when it holds by what was told."""


def support_id(supports: RecordId, episode_id: RecordId | None, told_at: datetime) -> RecordId:
    """Return the id of a telling: an episode tells a thing once."""
    by = episode_id or told_at.isoformat()
    return RecordId(hashlib.sha256(f"support\0{supports}\0{by}".encode()).hexdigest()[:32])
