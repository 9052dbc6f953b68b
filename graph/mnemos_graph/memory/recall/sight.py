"""What one question may see, and the ways to rank it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mnemos_graph.index.ranking import Asked, Ranking
from mnemos_graph.index.reading import pages
from mnemos_graph.index.shelf import Part, Shelf
from mnemos_graph.index.sifting import decides
from mnemos_graph.memory.kinds.types import seen_from
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.scopes import ReadScope, within
from mnemos_graph.memory.selection import conditions, look
from mnemos_graph.model import Access, Memory, Partition, Position, RecordId
from mnemos_graph.store import Filter, Find, GraphStore, In, View


@dataclass(frozen=True, slots=True)
class Sight:
    """An access, a moment, and the conditions that a memory must fulfil."""

    access: Access
    view: View
    where: Filter
    """What a memory must be like, wherever it is."""
    within: tuple[Filter, ...]
    """One for each scope that is asked: a memory has to be in one of them."""
    partitions: tuple[Partition, ...] | None
    """Those that are asked and may be read; None: the whole organization is asked."""

    @property
    def wheres(self) -> tuple[Filter, ...]:
        """All conditions, for each scope: together they let through what may be seen."""
        return tuple((*scope, *self.where) for scope in self.within)


async def sight(store: GraphStore, access: Access, question: Question, now: datetime) -> Sight:
    """Return what ``question`` sees.

    Raises:
        BadInput: a condition makes no sense.
    """
    query = question.query
    view = await look(store, access, now=now, as_of=query.as_of, known_at=query.known_at)
    scopes = [each.scope for each in question.within]
    asked = _partitions(scopes)
    readable = None if asked is None else tuple(each for each in asked if access.may_read(each))
    each_scope = tuple((*within(scope), *seen_from(scope, query)) for scope in scopes)
    return Sight(access, view, conditions(view, query=query), each_scope, readable)


def _partitions(scopes: Sequence[ReadScope]) -> tuple[Partition, ...] | None:
    found = dict[Partition, None]()
    for scope in scopes:
        if scope.partitions is None:
            return None
        found |= dict.fromkeys(scope.partitions)
    return tuple(found)


async def fetch(
    store: GraphStore, seen: Sight, ids: Collection[RecordId]
) -> dict[RecordId, Memory]:
    """Return those of ``ids`` that are in sight: the store has the last word on every condition."""
    if not ids:
        return {}
    named = In("id", tuple(ids))
    questions = [
        Find(Memory, (named, *where), first=len(ids), known_at=seen.view.known_at)
        for where in seen.wheres
    ]
    answers = await store.find(seen.access, questions)
    return {memory.id: memory for page in answers for memory in page.records}


async def rank_parts(
    store: GraphStore, shelf: Shelf, seen: Sight, parts: Sequence[Part], asked: Asked
) -> tuple[Ranking, Position]:
    """Return the best memories of a few partitions or the organization, and the position that was seen."""
    organization = seen.access.organization
    if seen.view.known_at is not None:
        where = seen.wheres[0] if len(seen.within) == 1 else seen.where
        standing = await shelf.past(organization, parts, where, seen.view.known_at)
        return await shelf.rank(standing.indexes, asked), standing.position
    standing = await shelf.current(organization, parts)
    only: frozenset[RecordId] | None = None
    if not all(map(decides, seen.where)):
        only = frozenset(
            [
                each.id
                for where in seen.wheres
                async for page in pages(store, seen.access, where)
                for each in page
            ]
        )
    decided = tuple(condition for condition in seen.where if decides(condition))
    sifted = replace(asked, where=decided, only=only)
    return await shelf.rank(standing.indexes, sifted), standing.position
