"""Where records lead: what is nested below them, read for all items of a list at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar, cast

from mnemos_graph.memory.facts.naming import word
from mnemos_graph.model import Entity, Fact, Memory, Record, RecordId, Version
from mnemos_graph.store import Equal, Filter, Find, HasAll, In, Order, VersionRef, facts_holding
from mnemos_schema.limits import page_size
from mnemos_schema.loaders import Loaders, Ref
from mnemos_schema.vantage import Vantage

R = TypeVar("R", bound=Record)

_SINCE_MERGED = 8
"""Versions of a merged entity, of which the first with its merge is looked for."""
_NEWEST = Order("id", descending=True)


async def entities(
    load: Loaders, seen: Vantage, ids: Sequence[RecordId], first: int
) -> Sequence[Entity]:
    """Return the entities that stand for ``ids``, each once."""
    page_size(first)
    found = await load.entity.load_many([Ref(id_, seen.known_at) for id_ in ids])
    return list({each.id: each for each in found if each}.values())[:first]


async def facts(
    load: Loaders, seen: Vantage, ids: Sequence[RecordId], first: int
) -> Sequence[Fact]:
    """Return those of some facts that may be shown, in the order of ``ids``."""
    page_size(first)
    if not ids:
        return ()
    where = (In("id", tuple(ids)), *seen.linked_facts)
    found = await load.page(Find(Fact, where, first=len(ids), known_at=seen.known_at))
    return sorted(found, key=lambda fact: ids.index(fact.id))[:first]


async def memories(
    load: Loaders, seen: Vantage, field: str, id: RecordId, first: int
) -> Sequence[Memory]:
    """Return the memories whose ``field`` has ``id``, the oldest first."""
    page_size(first)
    where = (HasAll(field, (id,)), *seen.linked_memories)
    return await load.page(Find(Memory, where, first=first, known_at=seen.known_at))


async def memories_about(
    load: Loaders, seen: Vantage, id: RecordId, first: int
) -> Sequence[Memory]:
    """Return the newest memories about an entity, or any that was merged into it."""
    page_size(first)
    questions = [
        Find(
            Memory,
            (HasAll("entity_ids", (each,)), *seen.linked_memories),
            order=_NEWEST,
            first=first,
            known_at=seen.known_at,
        )
        for each in await load.family.load(Ref(id, seen.known_at))
    ]
    found = {memory.id: memory for page in await load.pages(questions) for memory in page}
    return sorted(found.values(), key=lambda memory: memory.id, reverse=True)[:first]


async def facts_about(
    load: Loaders,
    seen: Vantage,
    id: RecordId,
    predicates: Sequence[str],
    first: int,
    *,
    include_invalid: bool,
) -> Sequence[Fact]:
    """Return the facts whose subject is an entity, or any that was merged into it."""
    page_size(first)
    where: Filter = (In("subject_id", tuple(await load.family.load(Ref(id, seen.known_at)))),)
    if predicates:
        where += (In("predicate", tuple(word("predicate", each) for each in predicates)),)
    if not include_invalid:
        where += facts_holding(seen.view)
    return await load.page(Find(Fact, where, first=first, known_at=seen.known_at))


async def merged_into(
    load: Loaders, seen: Vantage, id: RecordId, first: int
) -> Sequence[Version[Entity]]:
    """Return the entities that were merged into this one itself, as the merge left each."""
    page_size(first)
    where = (Equal("merged_into", id),)
    merged = await load.page(Find(Entity, where, first=first, known_at=seen.known_at))
    refs = [
        VersionRef(each.id, number)
        for each in merged
        for number in range(max(1, each.version - _SINCE_MERGED), each.version + 1)
    ]
    now = {each.id: each.merge_id for each in merged}
    found: dict[RecordId, Version[Entity]] = {}
    for version in await load.version.load_many(refs):
        if version and isinstance(version.record, Entity):
            entity = version.record
            if entity.merge_id == now[entity.id]:
                found.setdefault(entity.id, cast("Version[Entity]", version))
    return [found[each.id] for each in merged if each.id in found]


async def versions(load: Loaders, kind: type[R], record: R, first: int) -> Sequence[Version[R]]:
    """Return the versions of a record up to itself, newest first."""
    page_size(first)
    last = record.version
    refs = [VersionRef(record.id, number) for number in range(last, max(0, last - first), -1)]
    found = await load.version.load_many(refs)
    return [cast("Version[R]", each) for each in found if each and isinstance(each.record, kind)]
