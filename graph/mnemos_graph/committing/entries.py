"""An entry of the log as a store keeps it, and as the world has it."""

from __future__ import annotations

from typing import NamedTuple

from mnemos_graph.model import Change, ChangeKind, Position, RecordId, RecordKind, Scope
from mnemos_graph.model.instants import instant, micros


class Entry(NamedTuple):
    """An entry of the log, in plain values: ``Entry(*row).to_change()`` reads one."""

    position: Position
    commit_end: Position
    change: str
    kind: str
    id: str
    """Empty where what it was about has been erased; so are scope and actor."""
    version: int
    user_id: str | None
    agent_id: str | None
    session_id: str | None
    actor: str
    at: int
    """Microseconds since 1970."""

    @classmethod
    def of(cls, change: Change) -> Entry:
        scope = change.scope or Scope()
        return cls(
            change.position,
            change.commit_end,
            change.kind.value,
            change.subject_type.value,
            change.subject_id,
            change.version,
            scope.user_id,
            scope.agent_id,
            scope.session_id,
            change.actor,
            micros(change.at),
        )

    def to_change(self) -> Change:
        return Change(
            Position(self.position),
            Position(self.commit_end),
            ChangeKind(self.change),
            RecordKind(self.kind),
            RecordId(self.id),
            self.version,
            Scope(self.user_id, self.agent_id, self.session_id) if self.id else None,
            self.actor,
            instant(self.at),
        )
