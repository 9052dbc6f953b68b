"""Merged entities: the one that stands for all, and all that it stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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
    found = [root]
    asked: tuple[RecordId, ...] = (root,)
    while asked:
        merged = await every(
            store, access, Find(Entity, (In("merged_into", asked),), known_at=known_at)
        )
        asked = tuple(each.id for each in merged if each.id not in found)
        found += asked
    return tuple(found)


def _root(known: Mapping[RecordId, Entity], entity: Entity) -> Entity:
    while entity.merged_into and entity.merged_into in known:
        entity = known[entity.merged_into]
    return entity
