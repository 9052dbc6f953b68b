"""Entities found, merged and taken apart again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mnemos_graph.errors import BadInput, NotFound
from mnemos_graph.feed import Journal
from mnemos_graph.memory import checks
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.facts.book import Book
from mnemos_graph.memory.facts.families import canonical, family
from mnemos_graph.memory.facts.naming import EntityRef, Names, word
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.memory.reading import every
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope, within
from mnemos_graph.model import (
    Access,
    Entity,
    Position,
    RecordId,
    RecordKind,
    Scope,
    new_id,
)
from mnemos_graph.model.words import fold
from mnemos_graph.store import (
    Condition,
    Equal,
    Find,
    GraphStore,
    HasWords,
    In,
    Mark,
    Operation,
    Page,
    Present,
    Put,
)

MOST_MERGED = 100
"""Entities that one call merges."""


@dataclass(frozen=True, slots=True)
class Merged:
    merge_id: RecordId
    entity: Entity
    """The one that stands, or stood, for the others."""
    merged: tuple[Entity, ...]
    position: Position


class Entities:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._attempts = Attempts(journal)
        self._clock = clock

    @property
    def _store(self) -> GraphStore:
        return self._attempts.store

    async def find(
        self,
        access: Access,
        scope: ReadScope = ANYWHERE,
        *,
        text: str | None = None,
        kinds: Sequence[str] = (),
        first: int = 20,
        after: Mark | None = None,
        count_to: int = 0,
        known_at: Position | None = None,
    ) -> Page[Entity]:
        """Return a page of entities, by id, that have every word of ``text`` in their names.

        Merged ones are not among them: the one that stands for them has their names.
        """
        checks.page_size(first)
        where: list[Condition] = [*within(scope), Present("merged_into", present=False)]
        if text is not None and text.strip():
            where.append(HasWords(checks.text("text", text)))
        if kinds:
            where.append(In("kind", tuple(word("kind", each).upper() for each in kinds)))
        question = Find(
            Entity, tuple(where), first=first, after=after, known_at=known_at, count_to=count_to
        )
        (page,) = await self._store.find(access, [question])
        return page

    async def canonical(
        self, access: Access, ids: Collection[RecordId], *, known_at: Position | None = None
    ) -> dict[RecordId, Entity]:
        """Return for each entity that is there the one that stands for it, mostly itself."""
        return dict(await canonical(self._store, access, ids, known_at=known_at))

    async def resolve(self, access: Access, ref: EntityRef, scope: Scope) -> Entity:
        """Return the entity that is meant; an unknown name makes one, in ``scope``.

        Raises:
            BadInput, NotFound: as ``Names.resolve``.
        """

        async def decide(_: Position) -> Plan[Entity]:
            names = Names(self._store, access, scope, self._clock())
            entity = await names.resolve("entity", ref)
            return Plan(tuple(Put(each) for each in names.new), lambda _: entity)

        return await self._attempts.carry_out(access, decide)

    async def merge(
        self,
        access: Access,
        into: RecordId,
        from_: Sequence[RecordId],
        *,
        why: str = "",
        began: Position | None = None,
    ) -> Merged:
        """Let ``into`` stand for the others: their facts are its facts, their names its aliases.

        Nothing is moved, so that it can be undone. ``why`` is kept beside the merge; ``began`` is
        the log's end when the work behind it began.

        Raises:
            BadInput: nothing to merge, an entity with itself, one that is merged already, one of
                another partition.
            NotFound: one of them is not there.
        """
        asked = tuple(dict.fromkeys(from_))
        if not 1 <= len(asked) <= MOST_MERGED:
            raise BadInput(f"There are {len(asked)} entities to merge; give 1 to {MOST_MERGED}.")

        async def decide(_: Position) -> Plan[Merged]:
            now, merge_id = self._clock(), new_id()
            root = await self._root(access, into)
            others = await self._to_merge(access, root, asked)
            lent = _lent(root, others)
            merged = tuple(
                replace(
                    each,
                    merged_into=root.id,
                    merge_id=merge_id,
                    lent=lent[each.id],
                    version=each.version + 1,
                    updated_at=now,
                )
                for each in others
            )
            names = (*root.aliases, *(name for some in lent.values() for name in some))
            after = _next(root, names, now)
            groups = [await family(self._store, access, each.id) for each in (root, *others)]
            roots = {id_: root.id for group in groups for id_ in group}
            facts = await self._regrouped(access, root, roots, now)
            reason = f"merge {merge_id}: {why}" if why else f"merge {merge_id}"
            puts = (Put(each, reason) for each in (after, *merged))
            return Plan((*puts, *facts), lambda at: Merged(merge_id, after, merged, at))

        return await self._attempts.carry_out(access, decide, began)

    async def unmerge(self, access: Access, merge_id: RecordId) -> Merged:
        """Take a merge back: each entity has its own facts and names again.

        What was stated of the one that stood for them, while it did, stays with it.

        Raises:
            NotFound: there is no such merge, or it was taken back before.
        """

        async def decide(_: Position) -> Plan[Merged]:
            now = self._clock()
            merged = await every(self._store, access, Find(Entity, (Equal("merge_id", merge_id),)))
            if not merged or merged[0].merged_into is None:
                raise NotFound("merge", merge_id)
            head = (await self._store.get(access, Entity, [merged[0].merged_into])).get(
                merged[0].merged_into
            )
            if head is None:
                raise NotFound(RecordKind.ENTITY.value, merged[0].merged_into)
            apart = tuple(
                replace(
                    each,
                    merged_into=None,
                    merge_id=None,
                    lent=(),
                    version=each.version + 1,
                    updated_at=now,
                )
                for each in merged
            )
            taken = {fold(name) for each in merged for name in each.lent}
            kept = tuple(name for name in head.aliases if fold(name) not in taken)
            after = _next(head, kept, now)
            root = await self._root(access, head.id)
            above = () if root.id == head.id else (_next(root, root.aliases, now),)
            roots = await self._apart(access, root, merged)
            facts = await self._regrouped(access, root, roots, now)
            puts = (Put(each, f"unmerge {merge_id}") for each in (after, *above, *apart))
            return Plan((*puts, *facts), lambda at: Merged(merge_id, after, apart, at))

        return await self._attempts.carry_out(access, decide)

    async def _root(self, access: Access, id: RecordId) -> Entity:
        found = (await canonical(self._store, access, [id])).get(id)
        if found is None:
            raise NotFound(RecordKind.ENTITY.value, id)
        return found

    async def _to_merge(
        self, access: Access, root: Entity, ids: Sequence[RecordId]
    ) -> list[Entity]:
        found = await self._store.get(access, Entity, ids)
        for id_ in ids:
            entity = found.get(id_)
            if entity is None:
                raise NotFound(RecordKind.ENTITY.value, id_)
            if id_ == root.id:
                raise BadInput(
                    f"{id_!r} stands for both sides; an entity is not merged with itself."
                )
            if entity.merged_into is not None:
                raise BadInput(
                    f"{id_!r} is merged into {entity.merged_into!r} already. Merge that one, or "
                    "unmerge it first."
                )
            if entity.partition != root.partition:
                raise BadInput(f"{id_!r} belongs to another partition; only one's own can merge.")
        return [found[id_] for id_ in ids]

    async def _apart(
        self, access: Access, root: Entity, merged: Sequence[Entity]
    ) -> dict[RecordId, RecordId]:
        roots = dict.fromkeys(await family(self._store, access, root.id), root.id)
        for each in merged:
            roots |= dict.fromkeys(await family(self._store, access, each.id), each.id)
        return roots

    async def _regrouped(
        self, access: Access, of: Entity, roots: dict[RecordId, RecordId], now: datetime
    ) -> tuple[Operation, ...]:
        book = Book(self._store, access, now)
        await book.regroup(of.scope.user_id, roots)
        return await book.operations()


def _lent(root: Entity, others: Sequence[Entity]) -> dict[RecordId, tuple[str, ...]]:
    """Return the names of each of the others that neither the root nor one before it has."""
    known = set(root.folded_names)
    lent: dict[RecordId, tuple[str, ...]] = {}
    for each in others:
        new = {fold(name): name for name in (each.name, *each.aliases) if fold(name) not in known}
        lent[each.id] = tuple(new.values())
        known |= new.keys()
    return lent


def _next(entity: Entity, aliases: Sequence[str], now: datetime) -> Entity:
    """Return the next version of the one that stands for others, changed or not.

    Two who decide at the same time for whom it stands then write the same record, and one is first.
    """
    names = tuple(dict.fromkeys(aliases))
    return replace(entity, aliases=names, version=entity.version + 1, updated_at=now)
