"""Which scopes a question sees."""

from __future__ import annotations

from dataclasses import dataclass

from mnemos_graph.model import Partition, Scope
from mnemos_graph.store import Condition, Equal, Filter, In


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadScope:
    """A scope to read: what is absent may be anything, what is given must be equal."""

    user_id: str | None = None
    agent_id: str | None = None
    session_id: str | None = None
    include_shared: bool = True
    """A user's question also sees the organization's shared partition."""

    def __post_init__(self) -> None:
        Scope(self.user_id, self.agent_id, self.session_id)

    @property
    def partitions(self) -> tuple[Partition, ...] | None:
        """The partitions it sees; None: all of the organization's."""
        if self.user_id is None:
            return None
        own = Scope(self.user_id).partition
        return (own, Scope().partition) if self.include_shared else (own,)

    @property
    def names_nothing(self) -> bool:
        return self.user_id is None and self.agent_id is None and self.session_id is None


ANYWHERE = ReadScope()


@dataclass(frozen=True, slots=True)
class WeightedScope:
    """One of several scopes that a question is asked in."""

    scope: ReadScope
    weight: float = 1.0
    """How much what is in it counts, beside what is in the scope of the greatest weight."""


def within(scope: ReadScope) -> Filter:
    """Return the conditions under which a record is in ``scope``."""
    found: list[Condition] = []
    if scope.user_id is not None:
        users = (scope.user_id, None) if scope.include_shared else (scope.user_id,)
        found.append(In("user_id", users))
    if scope.agent_id is not None:
        found.append(Equal("agent_id", scope.agent_id))
    if scope.session_id is not None:
        found.append(Equal("session_id", scope.session_id))
    return tuple(found)
