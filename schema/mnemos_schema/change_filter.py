"""Which changes a reader of the log wants to see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

import strawberry

from mnemos_graph.model import Change, Memory, RecordKind, Scope
from mnemos_graph.store import VersionRef
from mnemos_schema.enums import ChangeKind, MemoryType, SubjectType
from mnemos_schema.loaders import Loaders
from mnemos_schema.scope import ScopeInput

T = TypeVar("T")


@strawberry.input(description="Conditions that hold together. What is absent asks for nothing.")
class ChangeFilter:
    subject_types: list[SubjectType] | None = strawberry.field(
        default=strawberry.UNSET, description="Changes to records of one of these kinds."
    )
    kinds: list[ChangeKind] | None = strawberry.field(
        default=strawberry.UNSET, description="Changes of one of these kinds."
    )
    memory_types: list[MemoryType] | None = strawberry.field(
        default=strawberry.UNSET, description="Changes to memories of one of these types."
    )
    subject_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Changes to one of these records."
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A scope and a filter, ready to be compared with changes; None: any."""

    scope: Scope
    include_shared: bool
    subject_types: frozenset[RecordKind] | None
    kinds: frozenset[ChangeKind] | None
    memory_types: frozenset[MemoryType] | None
    subject_ids: frozenset[str] | None

    @classmethod
    def by(cls, scope: ScopeInput | None, filter: ChangeFilter | None) -> Self:
        """Return what is asked for.

        Raises:
            BadInput: an id of the scope is empty or could not be stored.
        """
        asked = filter or ChangeFilter()
        kinds = _any_of(asked.subject_types)
        return cls(
            scope=scope.scope() if scope else Scope(),
            include_shared=scope.include_shared if scope else True,
            subject_types=None if kinds is None else frozenset(map(RecordKind, kinds)),
            kinds=_any_of(asked.kinds),
            memory_types=_any_of(asked.memory_types),
            subject_ids=_any_of(asked.subject_ids),
        )

    @property
    def anything(self) -> bool:
        """Whether every change is wanted."""
        nothing_named = (self.subject_types, self.kinds, self.memory_types, self.subject_ids)
        return self.scope == Scope() and all(each is None for each in nothing_named)

    async def among(self, changes: Iterable[Change], load: Loaders) -> Sequence[Change]:
        """Return those of ``changes`` that are wanted, in their order."""
        shown = [change for change in changes if self._matches(change)]
        if self.memory_types is None:
            return shown
        about = [change for change in shown if change.subject_type is RecordKind.MEMORY]
        versions = await load.version.load_many(
            [VersionRef(change.subject_id, change.version) for change in about]
        )
        return [
            change
            for change, found in zip(about, versions, strict=True)
            if found and isinstance(found.record, Memory) and found.record.type in self.memory_types
        ]

    def _matches(self, change: Change) -> bool:
        return (
            _among(change.subject_type, self.subject_types)
            and _among(change.kind, self.kinds)
            and _among(change.subject_id, self.subject_ids)
            and self._covers(change.scope)
        )

    def _covers(self, scope: Scope | None) -> bool:
        asked = self.scope
        if scope is None:  # erased: it lies in no scope that anybody could name
            return asked == Scope()
        user_matches = asked.user_id in {None, scope.user_id} or (
            self.include_shared and scope.user_id is None
        )
        return (
            user_matches
            and asked.agent_id in {None, scope.agent_id}
            and asked.session_id in {None, scope.session_id}
        )


def _any_of(values: Collection[T] | None) -> frozenset[T] | None:
    """Return the values asked for; None where nothing is: absent, null or an empty list."""
    return frozenset(values) if values else None


def _among(value: T, wanted: frozenset[T] | None) -> bool:
    return wanted is None or value in wanted
