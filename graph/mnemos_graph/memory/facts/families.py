"""Merged entities: the one that stands for all, and all that it stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mnemos_graph.memory.reading import every
from mnemos_graph.model import Access, Entity, Position, RecordId
from mnemos_graph.store import Find, GraphStore, In


async def canonical(
    store: GraphStore,
    access: Access,
    ids: Collection[RecordId],
    *,
    known_at: Position | None = None,
) -> Mapping[RecordId, Entity]:
    """Return for each entity that is there the one that it was merged into in the end, or itself."""
    known: dict[RecordId, Entity] = {}
    asked = set(ids)
    while asked:
        known |= await store.get(access, Entity, asked, known_at=known_at)
        asked = {each.merged_into for each in known.values() if each.merged_into} - known.keys()
    return {id_: _root(known, known[id_]) for id_ in ids if id_ in known}


async def family(
    store: GraphStore,
    access: Access,
    root: RecordId,
    *,
    known_at: Position | None = None,
) -> tuple[RecordId, ...]:
    """Return the id of an entity and those of all that were merged into it, by any way."""
    return (await families(store, access, [root], known_at=known_at))[root]


async def families(
    store: GraphStore,
    access: Access,
    roots: Collection[RecordId],
    *,
    known_at: Position | None = None,
) -> Mapping[RecordId, tuple[RecordId, ...]]:
    """Return the ``family`` of each of ``roots``, all read together."""
    merged: dict[RecordId, list[RecordId]] = {id_: [] for id_ in roots}
    asked = tuple(merged)
    while asked:
        question = Find(Entity, (In("merged_into", asked),), known_at=known_at)
        found = await every(store, access, question)
        for each in found:
            if each.merged_into:
                merged.setdefault(each.merged_into, []).append(each.id)
        asked = tuple(each.id for each in found if each.id not in merged)
        merged |= {id_: [] for id_ in asked}
    return {root: tuple(_with_descendants(merged, root)) for root in roots}


def _with_descendants(
    merged: Mapping[RecordId, Sequence[RecordId]], root: RecordId
) -> list[RecordId]:
    found = [root]
    for id_ in found:  # which grows under way, down to those that nobody was merged into
        found += [each for each in merged.get(id_, ()) if each not in found]
    return found


def _root(known: Mapping[RecordId, Entity], entity: Entity) -> Entity:
    while entity.merged_into and entity.merged_into in known:
        entity = known[entity.merged_into]
    return entity
