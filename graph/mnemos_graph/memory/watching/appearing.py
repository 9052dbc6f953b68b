"""What appears in the log: memories and facts that are new, or say something else than before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from mnemos_graph.feed import Feed
from mnemos_graph.memory.scopes import ReadScope, within
from mnemos_graph.model import (
    Access,
    Change,
    ChangeKind,
    Fact,
    Memory,
    Position,
    RecordId,
    RecordKind,
)
from mnemos_graph.store import (
    Find,
    GraphStore,
    In,
    VersionRef,
    View,
    facts_holding,
    memories_holding,
)

Told = Memory | Fact
_KINDS = frozenset({RecordKind.MEMORY, RecordKind.FACT})
_AT_ONCE = 500


class Appeared(NamedTuple):
    """A change that may have brought something that was not there before."""

    position: Position
    record: Told
    """As it is now: it holds, and says what the change made it say."""
    before: Told | None
    """As it was before the change; None: it was not there."""

    @property
    def is_new(self) -> bool:
        """Whether it was not there, or said something else."""
        return self.before is None or said(self.before) != said(self.record)


def said(record: Told) -> str:
    return record.text if isinstance(record, Memory) else record.statement


async def appeared(
    store: GraphStore,
    feed: Feed,
    access: Access,
    scope: ReadScope,
    changes: Sequence[Change],
    *,
    now: datetime,
) -> Sequence[Appeared]:
    """Return what ``changes`` brought that is in ``scope`` and holds now, in the log's order.

    What was rewritten since is left to the change that did it.

    Raises:
        MnemosError: the store cannot be read.
    """
    brought = [each for each in changes if _brings(each)]
    if not brought:
        return ()
    current = await _current(store, access, scope, brought, now)
    brought = [each for each in brought if each.subject_id in current]
    if not brought:
        return ()
    refs = {VersionRef(each.subject_id, each.version - back) for each in brought for back in (0, 1)}
    versions = await feed.subjects.versions(access, {each for each in refs if each.version})
    found = []
    for change in brought:
        made = versions.get(VersionRef(change.subject_id, change.version))
        record = current[change.subject_id]
        if made is None or not isinstance(made.record, Memory | Fact):
            continue
        if said(made.record) != said(record):
            continue
        last = versions.get(VersionRef(change.subject_id, change.version - 1))
        was_there = change.kind is ChangeKind.UPDATED and last is not None
        before = last.record if was_there and last else None
        if before is None or isinstance(before, Memory | Fact):
            found.append(Appeared(change.position, record, before))
    return found


def _brings(change: Change) -> bool:
    kinds = {ChangeKind.CREATED, ChangeKind.UPDATED}
    return change.kind in kinds and change.subject_type in _KINDS


async def _current(
    store: GraphStore,
    access: Access,
    scope: ReadScope,
    changes: Sequence[Change],
    now: datetime,
) -> Mapping[RecordId, Told]:
    view, where = View(now), within(scope)
    found: dict[RecordId, Told] = {}
    for ids in _portions(changes, RecordKind.MEMORY):
        conditions = (In("id", ids), *where, *memories_holding(view))
        (memories,) = await store.find(access, [Find(Memory, conditions, first=len(ids))])
        found |= {each.id: each for each in memories.records}
    for ids in _portions(changes, RecordKind.FACT):
        conditions = (In("id", ids), *where, *facts_holding(view))
        (facts,) = await store.find(access, [Find(Fact, conditions, first=len(ids))])
        found |= {each.id: each for each in facts.records}
    return found


def _portions(changes: Sequence[Change], kind: RecordKind) -> Iterator[tuple[RecordId, ...]]:
    ids = tuple(dict.fromkeys(each.subject_id for each in changes if each.subject_type is kind))
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
