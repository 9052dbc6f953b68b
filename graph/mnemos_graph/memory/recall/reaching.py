"""What lies around the entities that a question names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mnemos_graph.index.question import phrases
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.model import Access, Entity, RecordId
from mnemos_graph.store import Filter, Find, GraphStore, HasAll, In, Subgraph, View

_SAME_NAME = 5
"""Entities of one name that are followed."""
_MOST_AROUND = 200
_FARTHER = 0.5
"""What each hop leaves of the nearness."""


@dataclass(frozen=True, slots=True)
class Reached:
    near: Mapping[RecordId, float] = field(default_factory=dict)
    """Entities and facts → 1 for what is named, less with every hop."""
    people: frozenset[str] = frozenset()
    """The folded names of the people among those named."""


async def reach(store: GraphStore, access: Access, question: Question, view: View) -> Reached:
    """Return the entities that ``question`` names in the scope's partitions, and what is around them."""
    named = await _named(store, access, question, view)
    if not named:
        return Reached()
    ids = frozenset(named)
    around = await store.neighbours(access, ids, view=view, hops=question.hops, limit=_MOST_AROUND)
    people = frozenset(
        name for entity in named.values() if entity.kind == "PERSON" for name in entity.folded_names
    )
    return Reached(dict.fromkeys(ids, 1.0) | _nearness(around, _roots(named)), people)


async def _named(
    store: GraphStore, access: Access, question: Question, view: View
) -> Mapping[RecordId, Entity]:
    scopes = [each.scope for each in question.within]
    owners = _owners(scopes)
    by_name = [
        Find(
            Entity,
            (*owners, HasAll("folded_names", (name,))),
            first=_SAME_NAME * len(scopes),
            known_at=view.known_at,
        )
        for name in phrases(question.text)
    ]
    found = {e.id: e for page in await store.find(access, by_name) for e in page.records}
    if not found:
        return found
    roots = tuple(_roots(found))
    merged = Find(Entity, (*owners, In("merged_into", roots)), known_at=view.known_at)
    (page,) = await store.find(access, [merged])
    return found | {entity.id: entity for entity in page.records}


def _owners(scopes: Sequence[ReadScope]) -> Filter:
    """Return the condition to be in one of the scopes' partitions."""
    users = dict[str | None, None]()
    for scope in scopes:
        if scope.user_id is None:
            return ()
        users |= dict.fromkeys((scope.user_id, None) if scope.include_shared else (scope.user_id,))
    return (In("user_id", tuple(users)),)


def _roots(named: Mapping[RecordId, Entity]) -> frozenset[RecordId]:
    return frozenset(entity.merged_into or entity.id for entity in named.values())


def _nearness(around: Subgraph, start: frozenset[RecordId]) -> dict[RecordId, float]:
    near = {entity.id: 1.0 for entity in around.entities if entity.id in start}
    known = dict[RecordId, float]()
    frontier: Sequence[RecordId] = list(near)
    nearness = 1.0
    while frontier:
        reached = dict[RecordId, float]()
        for fact in around.facts:
            if fact.id not in known and {fact.subject_id, fact.object_id} & set(frontier):
                known[fact.id] = nearness
                for end in (fact.subject_id, fact.object_id):
                    if end is not None and end not in near:
                        reached[end] = nearness * _FARTHER
        near |= reached
        frontier = list(reached)
        nearness *= _FARTHER
    return near | known
