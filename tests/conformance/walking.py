"""Neighbourhoods in plain Python: what a backend's traversal must mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from mnemos_graph.model import Entity, Fact, Record, RecordId
from mnemos_graph.store import Subgraph, View, facts_holding
from tests.conformance.matching import matches


def walk(
    known: Sequence[Record], around: Collection[RecordId], *, view: View, hops: int, limit: int
) -> Subgraph:
    entities = {each.id: each for each in known if isinstance(each, Entity)}
    holds = facts_holding(view)
    facts = sorted(
        (each for each in known if isinstance(each, Fact) and matches(each, holds)),
        key=lambda fact: fact.id,
    )

    def root(id_: RecordId) -> RecordId:
        seen = {id_}
        while (into := entities[id_].merged_into) and into in entities and into not in seen:
            id_ = into
            seen.add(id_)
        return id_

    start = sorted({root(id_) for id_ in around if id_ in entities})
    reached, truncated = start[:limit], len(start) > limit
    frontier, taken = set(reached), dict[RecordId, Fact]()
    for _ in range(hops):
        touching = [fact for fact in facts if _ends(fact, entities, root) & frontier]
        new = [
            fact
            for fact in touching
            if fact.id not in taken and all(end in entities for end in _stored_ends(fact))
        ]
        truncated |= len(taken) + len(new) > limit
        new = new[: limit - len(taken)]
        led = sorted({end for fact in new for end in _ends(fact, entities, root)} - set(reached))
        truncated |= len(reached) + len(led) > limit
        led = led[: limit - len(reached)]
        reached += led
        taken |= {fact.id: fact for fact in new if _ends(fact, entities, root) <= set(reached)}
        frontier = set(led)
    return Subgraph(tuple(entities[id_] for id_ in reached), tuple(taken.values()), truncated)


def _stored_ends(fact: Fact) -> set[RecordId]:
    return {fact.subject_id} | ({fact.object_id} if fact.object_id else set())


def _ends(fact: Fact, entities: dict[RecordId, Entity], root: object) -> set[RecordId]:
    return {root(end) for end in _stored_ends(fact) if end in entities}  # type: ignore[operator]
