"""Recognises what is about an entity."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mnemos_graph.errors import NotFound
from mnemos_graph.memory.facts.families import canonical, family
from mnemos_graph.memory.facts.naming import word
from mnemos_graph.memory.watching.appearing import Appeared, Told
from mnemos_graph.model import Access, Entity, Fact, RecordId
from mnemos_graph.store import GraphStore


class AboutEntity:
    """Facts with the entity, or what it was merged with, at either end; memories that name it."""

    def __init__(
        self, store: GraphStore, access: Access, entity_id: RecordId, predicates: Collection[str]
    ) -> None:
        """Look for one entity.

        Raises:
            BadInput: a predicate has no letter.
            TooMuch: a predicate is too long.
        """
        self._store = store
        self._access = access
        self._entity_id = entity_id
        self._predicates = frozenset(word("predicates", each) for each in predicates)

    async def check(self) -> None:
        """See that there is something to watch for.

        Raises:
            NotFound: there is no such entity that the access may read.
        """
        if not await self._names():
            raise NotFound(Entity.KIND.value, self._entity_id)

    async def sees(self, appeared: Sequence[Appeared]) -> Mapping[int, float | None]:
        names = await self._names()
        stated = await self._stated(appeared, names) if self._predicates else frozenset()
        return {
            place: None
            for place, each in enumerate(appeared)
            if self._is_about(each.record, names, stated)
            and (
                each.is_new or each.before is None or not self._is_about(each.before, names, stated)
            )
        }

    async def _names(self) -> frozenset[RecordId]:
        """Return the entity's id and those of all that it was merged with; none: it is not there."""
        root = (await canonical(self._store, self._access, [self._entity_id])).get(self._entity_id)
        if root is None:
            return frozenset()
        return frozenset(await family(self._store, self._access, root.id))

    async def _stated(
        self, appeared: Sequence[Appeared], names: Collection[RecordId]
    ) -> frozenset[RecordId]:
        """Return which facts that the memories state are watched for."""
        ids = {
            id_
            for each in appeared
            if not isinstance(each.record, Fact)
            for id_ in each.record.fact_ids
        }
        facts = await self._store.get(self._access, Fact, ids) if ids else {}
        return frozenset(id_ for id_, fact in facts.items() if self._is_of(fact, names))

    def _is_about(
        self, record: Told, names: Collection[RecordId], stated: Collection[RecordId]
    ) -> bool:
        if isinstance(record, Fact):
            return self._is_of(record, names)
        if self._predicates:
            return any(id_ in stated for id_ in record.fact_ids)
        return any(id_ in names for id_ in record.entity_ids)

    def _is_of(self, fact: Fact, names: Collection[RecordId]) -> bool:
        if self._predicates and fact.predicate not in self._predicates:
            return False
        return fact.subject_id in names or fact.object_id in names
