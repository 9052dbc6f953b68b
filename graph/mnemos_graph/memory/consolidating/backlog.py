"""What changed in an organization and was not consolidated yet, partition by partition.

It is kept in memory and read from the log; what is kept in the store is one position, up to which
everything was looked at. So a restart looks at some things twice, and misses none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mnemos_graph.model import (
    Change,
    ChangeKind,
    Partition,
    Position,
    RecordId,
    RecordKind,
    Scope,
)

ACTOR = "consolidation"
"""Whose changes the log says these are."""
QUIET = timedelta(minutes=15)
"""A partition that nobody changed for so long is quiet."""
WAITED = timedelta(hours=6)
"""After so long a partition is looked at although it is never quiet."""
MOST_WAITING = 20_000
"""Records of an organization that wait to be looked at; the log is read no further then."""


@dataclass(slots=True)
class Subjects:
    """Records of one partition that are to be looked at; each is taken out once it was.

    Dictionaries in place of sets, because they are in order.
    """

    memories: dict[RecordId, None] = field(default_factory=dict)
    entities: dict[RecordId, None] = field(default_factory=dict)
    facts: dict[RecordId, None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.memories) + len(self.entities) + len(self.facts)


@dataclass(slots=True)
class Waiting:
    scope: Scope
    first: Change
    last: Change
    subjects: Subjects = field(default_factory=Subjects)


class Backlog:
    def __init__(self, position: Position) -> None:
        """``position``: up to where everything was looked at."""
        self.read = position
        self.noted = position
        """What the store was last told of ``position``."""
        self._waiting: dict[Partition, Waiting] = {}

    def __len__(self) -> int:
        return sum(len(each.subjects) for each in self._waiting.values())

    @property
    def position(self) -> Position:
        """Up to where everything was looked at."""
        begins = [Position(each.first.position - 1) for each in self._waiting.values()]
        return min(begins, default=self.read)

    @property
    def is_full(self) -> bool:
        return len(self) >= MOST_WAITING

    def take(self, changes: Iterable[Change]) -> None:
        """Take in what stands next in the log. Its own changes are no reason to look again."""
        for change in changes:
            self.read = change.position
            if change.scope is None or change.actor == ACTOR:
                continue
            subjects = self._subjects(change)
            if change.kind in {ChangeKind.DELETED, ChangeKind.ERASED}:
                continue
            match change.subject_type:
                case RecordKind.MEMORY:
                    subjects.memories[change.subject_id] = None
                case RecordKind.ENTITY:
                    subjects.entities[change.subject_id] = None
                case RecordKind.FACT:
                    subjects.facts[change.subject_id] = None

    def quiet(self, now: datetime) -> list[Waiting]:
        """Return what can be looked at, the partition that waits longest first."""
        waiting = sorted(self._waiting.values(), key=lambda each: each.first.position)
        found = [
            each for each in waiting if now - each.last.at >= QUIET or now - each.first.at >= WAITED
        ]
        return found or (waiting[:1] if self.is_full else [])

    def done(self, waiting: Waiting) -> None:
        self._waiting.pop(waiting.scope.partition, None)

    def _subjects(self, change: Change) -> Subjects:
        """Return where a change belongs, and note that its partition was not quiet then."""
        if change.scope is None or change.subject_type not in _ABOUT:
            return Subjects()
        scope = Scope(change.scope.user_id)
        waiting = self._waiting.setdefault(scope.partition, Waiting(scope, change, change))
        waiting.last = change
        return waiting.subjects


_ABOUT = frozenset({RecordKind.MEMORY, RecordKind.ENTITY, RecordKind.FACT, RecordKind.EPISODE})
