"""One read of the store, from when it is sent until it is known at which position it stands.

The store does not say at which position it answered: it may be later than what was read of the log.
So an answer waits until a check that was sent after it has said where the log ended, and the log
was read up to there. What no change touched meanwhile stands where everything else stands that is
kept; the rest is thrown away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mnemos_graph.cache.questions import Asked, Group
from mnemos_graph.model import Change, ChangeKind, Record, RecordId
from mnemos_graph.store import Page

GONE = 0
"""In place of a version: the record was deleted."""


def version_after(change: Change) -> int:
    """Return which version is current after a change."""
    return GONE if change.kind is ChangeKind.DELETED else change.version


class Touch(NamedTuple):
    version: int
    group: Group


@dataclass(eq=False, slots=True)
class Flight:
    landed: int | None = None
    """How many checks had been begun when the answer was there."""
    touched: dict[RecordId, Touch] = field(default_factory=dict)
    """What changed since it was sent, and how it is since then."""
    records: dict[RecordId, Record] = field(default_factory=dict)
    """What it answered, each once."""
    asked: frozenset[RecordId] = frozenset()
    """Ids of which those that are not among ``records`` are not there."""
    pages: list[tuple[Asked, Page[Any]]] = field(default_factory=list)
    """Answers that are kept by their question."""
    whole: Group | None = None
    """``records`` are all that there are of this group."""

    def touch(self, change: Change, group: Group) -> None:
        self.touched[change.subject_id] = Touch(version_after(change), group)

    def standing(self) -> list[Record]:
        """Return those of the records that are still as they were read."""
        return [each for each in self.records.values() if self._stands(each)]

    def untouched(self, groups: Iterable[Group]) -> bool:
        """Return whether nothing changed in any of the groups, or in those that they stand for."""
        changed = {each.group for each in self.touched.values()}
        changed |= {Group(each.kind, None) for each in changed}
        return changed.isdisjoint(groups)

    def _stands(self, record: Record) -> bool:
        touch = self.touched.get(record.id)
        return touch is None or touch.version == record.version
