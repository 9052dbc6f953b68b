"""Memories written, changed and deleted one by one, as their callers give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from mnemos_graph.feed import Journal
from mnemos_graph.memory import checks
from mnemos_graph.model import (
    Access,
    Memory,
    MemoryLevel,
    MemoryType,
    Position,
    Record,
    Scope,
    new_id,
)
from mnemos_graph.store import ChangeSet, Put

R_co = TypeVar("R_co", bound=Record, covariant=True)
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Written(Generic[R_co]):
    """A record as it was written, and the log position at which it can be read."""

    record: R_co
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMemory:
    """What a caller gives for a memory."""

    text: str
    scope: Scope
    type: MemoryType = MemoryType.SEMANTIC
    level: MemoryLevel = MemoryLevel.OPERATIONAL
    importance: float = 0.5
    tags: Sequence[str] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    valid_from: datetime | None = None
    expires_at: datetime | None = None


class Memories:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    async def create(self, access: Access, new: NewMemory) -> Written[Memory]:
        """Keep a memory as it is given.

        Raises:
            BadInput: a part of it cannot be kept; the message says which.
        """
        now = self._clock()
        memory = Memory(
            id=new_id(),
            scope=new.scope,
            created_at=now,
            updated_at=now,
            text=checks.text("text", new.text),
            type=new.type,
            level=new.level,
            importance=checks.share("importance", new.importance),
            tags=checks.tags(new.tags),
            metadata=checks.metadata(new.metadata),
            valid_from=new.valid_from,
            expires_at=new.expires_at,
        )
        committed = await self._journal.commit(access, ChangeSet((Put(memory),)))
        return Written(memory, committed.last)
