"""Recall over all partitions of an organization at once.

No index keeps a whole organization's words: the store's full text names the best candidates, and
all the rest (vectors, people, the graph, conditions) is looked up in one index of the organization
and summed as in a partition. An organization that has outgrown the exact scan is not looked through
at all: text, the vector store, the graph and the newest name candidates, and those are ranked. What
was known earlier has no full text in the store: for that, words are indexed for the one answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from mnemos_graph.index.comparing import Signal
from mnemos_graph.index.question import telling_words
from mnemos_graph.index.ranking import Asked, Ranking
from mnemos_graph.index.reading import whole
from mnemos_graph.index.shelf import Shelf
from mnemos_graph.memory.indexing.collecting import Collecting
from mnemos_graph.memory.recall.sight import Sight, fetch, rank_parts
from mnemos_graph.model import (
    Change,
    Memory,
    Partition,
    Partitions,
    Position,
    RecordId,
    RecordKind,
)
from mnemos_graph.store import Condition, Find, GraphStore, HasAll, HasWords, In, Order

_FOUND = 200
"""Candidates that full text names."""
_NEAR = 400
"""Candidates that the vector store names, before the conditions."""
_REACHED = 10
"""Entities and facts whose memories are candidates."""
_BEHIND = 500
"""Changes that the vector store may be behind, and whose memories are candidates instead."""


@dataclass(frozen=True, slots=True)
class _Candidates:
    ids: Collection[RecordId]
    complete: bool
    """Whether the vector store answered and was not too far behind."""


async def rank_widely(
    store: GraphStore, shelf: Shelf, collecting: Collecting | None, seen: Sight, asked: Asked
) -> tuple[Ranking, Position]:
    """Return the best memories of the whole organization, and the position that was seen."""
    (head,) = await store.heads([seen.access])
    found = await _found(store, seen, asked)
    told = replace(asked, found=found)
    named = await _candidates(store, collecting, seen, told)
    if named is None:
        return await rank_parts(store, shelf, _within_reach(seen), (None,), told)
    memories = await fetch(store, seen, [*dict.fromkeys((*named.ids, *(found or ())))])
    index = await shelf.of(seen.access.organization, list(memories.values()))
    ranking = await shelf.rank([index], told)
    missing = ranking.vectors_missing or not named.complete
    return replace(ranking, vectors_missing=missing), head.position


async def _found(store: GraphStore, seen: Sight, asked: Asked) -> Mapping[RecordId, float] | None:
    if Signal.TEXT not in asked.weights or seen.view.known_at is not None:
        return None
    hits = [
        hit
        for where in seen.wheres
        for hit in await store.search(
            seen.access, Memory, telling_words(asked.text), where=where, first=_FOUND
        )
    ]
    return {memory.id: score for memory, score in hits}


async def _candidates(
    store: GraphStore, collecting: Collecting | None, seen: Sight, asked: Asked
) -> _Candidates | None:
    """Return what vectors, the graph, time and the question's exact words name; None where everything can be looked through."""
    if collecting is None or asked.vectors is None or seen.view.known_at is not None:
        return None
    wide = await collecting.nearest(seen.access, asked.vectors[0], _NEAR)
    if wide is None:
        return None
    newest = [
        Find(Memory, where, Order("created_at", descending=True), asked.first)
        for where in seen.wheres
    ]
    carrying = [
        Find(Memory, (*where, HasAll(field, (id_,))), first=asked.first)
        for where in seen.wheres
        for id_ in sorted(asked.reached, key=lambda each: -asked.reached[each])[:_REACHED]
        for field in ("entity_ids", "fact_ids")
    ]
    holding = [
        Find(Memory, (HasWords(identifier), *where), first=asked.first)
        for where in seen.wheres
        for identifier in asked.named.identifiers
    ]
    pages = await store.find(seen.access, [*newest, *carrying, *holding])
    behind: Sequence[Change] = ()
    if wide.position is not None:
        everybody = whole(seen.access.organization)
        behind = await store.changes(everybody, after=wide.position, limit=_BEHIND)
    ids = [memory.id for memory, _ in wide.found]
    ids += asked.among or ()
    ids += [memory.id for page in pages for memory in page.records]
    ids += [id_ for holders in asked.named.quoted for id_ in holders]
    ids += [each.subject_id for each in behind if each.subject_type is RecordKind.MEMORY]
    complete = wide.position is not None and len(behind) < _BEHIND
    return _Candidates(ids, complete=complete)


def _within_reach(seen: Sight) -> Sight:
    """Return the sight with the access's partitions as a condition: the index is everybody's."""
    if seen.access.reads is Partitions.ALL:
        return seen
    return replace(seen, where=(*seen.where, _readable(seen.access.reads)))


def _readable(reads: Partitions | frozenset[Partition]) -> Condition:
    partitions = sorted(reads) if isinstance(reads, frozenset) else []
    return In("user_id", tuple(partition or None for partition in partitions))
