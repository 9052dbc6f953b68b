"""Deleting every memory that matches, in batches, each all or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mnemos_graph.errors import BadInput
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.outcomes import Deleted
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.selection import MemoryQuery, conditions, look
from mnemos_graph.model import Access, Memory, Position, RecordKind
from mnemos_graph.store import MOST_CHANGES, Delete, Find, GraphStore, Mark, Range


@dataclass(frozen=True, slots=True)
class _Batch:
    matching: Sequence[Memory]
    last: Mark | None
    has_more: bool
    position: Position


async def delete_matching(
    attempts: Attempts,
    access: Access,
    scope: ReadScope,
    query: MemoryQuery,
    *,
    now: datetime,
    dry_run: bool,
) -> Deleted:
    """Delete what matches of all that was there at ``now``: see ``Memories.delete_matching``."""
    if scope.names_nothing and query.asks_nothing:
        raise BadInput(
            "Neither scope nor filter says which memories. Name at least one of userId, "
            "agentId, sessionId or a condition that is not empty."
        )
    view = await look(attempts.store, access, now=now, as_of=query.as_of, known_at=query.known_at)
    asked = query if query.as_of else replace(query, include_superseded=True)
    own = replace(scope, include_shared=False)
    where = (*conditions(view, own, asked), Range("created_at", at_most=now))
    question, count = Find(Memory, where, first=MOST_CHANGES, known_at=view.known_at), 0
    while True:
        batch = await _delete_batch(attempts, access, question, dry_run=dry_run)
        count += len(batch.matching)
        if not batch.has_more:
            return Deleted(count, batch.position)
        question = replace(question, after=batch.last)


async def _delete_batch(
    attempts: Attempts,
    access: Access,
    question: Find[Memory],
    *,
    dry_run: bool,
) -> _Batch:
    async def decide(_: Position) -> Plan[_Batch]:
        (page,) = await attempts.store.find(access, [question])
        matching = page.records
        if question.known_at is not None:
            matching = await _current(attempts.store, access, page.records)
        last = Mark(page.records[-1].id, page.records[-1].id) if page.records else None
        gone = [Delete(RecordKind.MEMORY, each.id, each.version) for each in matching]
        return Plan(
            () if dry_run else tuple(gone), lambda at: _Batch(matching, last, page.has_more, at)
        )

    return await attempts.carry_out(access, decide)


async def _current(
    store: GraphStore, access: Access, known: Sequence[Memory]
) -> tuple[Memory, ...]:
    live = await store.get(access, Memory, [each.id for each in known])
    return tuple(live[each.id] for each in known if each.id in live)
