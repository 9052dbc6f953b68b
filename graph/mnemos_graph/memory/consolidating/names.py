"""Entities of one partition that are one: a short name and a whole one, a kind that was not known.

Only where it is clear. Whoever is doubtful stays two, and so do those whom somebody took apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mnemos_graph.errors import BadInput, NotFound
from mnemos_graph.language.extractor import USER
from mnemos_graph.language.relations import single_valued
from mnemos_graph.memory.consolidating.called import (
    NAMING,
    initials,
    said_to_be_called,
    short_for,
)
from mnemos_graph.memory.facts.entities import Entities
from mnemos_graph.memory.facts.families import canonical, families
from mnemos_graph.memory.facts.naming import DEFAULT_KIND
from mnemos_graph.memory.reading import every
from mnemos_graph.model import Access, Entity, Fact, Memory, Position, RecordId, Scope
from mnemos_graph.model.words import fold
from mnemos_graph.store import (
    Equal,
    Find,
    GraphStore,
    HasAll,
    In,
    Mark,
    Present,
    VersionRef,
)

MOST_ENTITIES = 5_000
"""Of one partition whose names are compared; further ones are left as they are."""
_PAGE = 1_000
_MENTIONS = 50
"""Memories about an entity in which it is looked for who is who."""
_TELLING = frozenset({"email", "phone", "address", "birthday", "married_to", "engaged_to"})
"""Relations of which hardly two people have the same."""
_ENOUGH = 2
"""Facts that two must have in common where none of them is telling."""
_PERSON = "PERSON"


@dataclass(frozen=True, slots=True)
class One:
    """Two entities that are one, and why."""

    into: Entity
    other: Entity
    reason: str


class Names:
    def __init__(self, store: GraphStore, entities: Entities) -> None:
        self._store = store
        self._entities = entities

    async def resolve(
        self, access: Access, scope: Scope, changed: Collection[RecordId], began: Position
    ) -> list[RecordId]:
        """Merge those of the changed entities that are another one too; return what they became.

        Each merge is like any that is asked for, and can be taken back.
        """
        merged: list[RecordId] = []
        roots = await canonical(self._store, access, changed)
        waiting = dict.fromkeys(
            each.id for each in roots.values() if each.scope.user_id == scope.user_id
        )
        known = await self._known(access, scope) if waiting else _Known()
        while waiting:
            id_ = next(iter(waiting))
            del waiting[id_]
            entity = known.by_id.get(id_)
            one = await self._one(access, known, entity) if entity else None
            if one is None:
                continue
            try:
                result = await self._entities.merge(
                    access, one.into.id, [one.other.id], why=one.reason, began=began
                )
            except (BadInput, NotFound):  # somebody merged or forgot it meanwhile
                continue
            known.remove(one.into, one.other)
            known.add(result.entity)
            merged.append(result.entity.id)
            waiting |= dict.fromkeys([result.entity.id])
        return merged

    async def _known(self, access: Access, scope: Scope) -> _Known:
        known, after = _Known(), None
        where = (Equal("user_id", scope.user_id), Present("merged_into", present=False))
        while len(known.by_id) < MOST_ENTITIES:
            (page,) = await self._store.find(
                access, [Find(Entity, where, first=_PAGE, after=after)]
            )
            for each in page.records:
                known.add(each)
            if not page.has_more:
                break
            after = Mark(page.records[-1].id, page.records[-1].id)
        return known

    async def _one(self, access: Access, known: _Known, entity: Entity) -> One | None:
        """Return the one other entity that this is as well, if it is clear which."""
        said = await self._said_to_be(access, known, entity)
        candidates = {each.id: each for each in (*said.values(), *known.named_like(entity))}
        found: list[One] = []
        for other in list(candidates.values()):
            into, away = _by_name(entity, other)
            reason = await self._reason(access, known, into, away, explicit=other.id in said)
            if reason and not await self._were_taken_apart(access, (into, away)):
                found.append(One(into, away, reason))
        return found[0] if len(found) == 1 else None

    async def _reason(
        self, access: Access, known: _Known, into: Entity, other: Entity, *, explicit: bool
    ) -> str | None:
        """Return why two are one; None where that is doubtful."""
        mine, theirs = await self._facts(access, (into, other))
        if _contradict(mine, theirs) or _lead_to(mine, other) or _lead_to(theirs, into):
            return None
        if explicit:
            return f"it was said that {other.name} is {into.name}"
        if set(into.folded_names) & set(other.folded_names):
            clear = into.kind == other.kind or " " in other.folded_name
            return f"both are called {other.name}" if clear else None
        shared = _shared(mine, theirs)
        if not shared or not self._is_nobody_else(known, into, other):
            return None
        if await self._are_mentioned_together(access, into, other):
            return None
        return f"both have the same {', '.join(sorted(shared))}"

    def _is_nobody_else(self, known: _Known, into: Entity, other: Entity) -> bool:
        """Return whether a short name can be that of one person only."""
        could_be = [each.id for each in known.could_be(other)]
        return _PERSON in {into.kind, other.kind} and could_be == [into.id]

    async def _said_to_be(
        self, access: Access, known: _Known, entity: Entity
    ) -> dict[RecordId, Entity]:
        """Return whom the entity was said to be, by a fact or by a sentence about both."""
        names: set[str] = set()
        (facts,) = await self._facts(access, (entity,))
        named = {fold(each.value) for each in facts if each.value and _names(each)}
        if entity.folded_name == USER:  # who shares a first name with the user is somebody else
            named = {each for each in named if " " in each and entity.scope.user_id}
        names |= named
        where = (HasAll("entity_ids", (entity.id,)), Present("valid_to", present=False))
        (page,) = await self._store.find(access, [Find(Memory, where, first=_MENTIONS)])
        own = set(entity.folded_names)
        for memory in page.records:
            for one, other in said_to_be_called(memory.text):
                names |= {other} if one in own else {one} if other in own else set()
        return {
            each.id: each
            for name in names - own
            for each in known.of_name(name)
            if each.id != entity.id and _kinds_fit(entity, each)
        }

    async def _facts(self, access: Access, entities: Sequence[Entity]) -> list[list[Fact]]:
        """Return what is believed and has not ended of each entity, merged ones included."""
        groups = await families(self._store, access, [each.id for each in entities])
        found = []
        for each in entities:
            where = (
                In("subject_id", groups[each.id]),
                Equal("user_id", each.scope.user_id),
                Present("invalidated_at", present=False),
                Present("valid_to", present=False),
            )
            found.append(await every(self._store, access, Find(Fact, where)))
        return found

    async def _are_mentioned_together(self, access: Access, one: Entity, other: Entity) -> bool:
        where = (HasAll("entity_ids", (one.id, other.id)),)
        (page,) = await self._store.find(access, [Find(Memory, where, first=1)])
        return bool(page.records)

    async def _were_taken_apart(self, access: Access, both: Iterable[Entity]) -> bool:
        refs = [
            VersionRef(each.id, number) for each in both for number in range(1, each.version + 1)
        ]
        versions = await self._store.versions(access, Entity, refs)
        return any(each.reason.startswith("unmerge") for each in versions.values())


_Index = defaultdict[str, dict[RecordId, None]]


@dataclass(slots=True)
class _Known:
    """The entities of a partition that stand for themselves, by name."""

    by_id: dict[RecordId, Entity] = field(default_factory=dict)
    _by_name: _Index = field(default_factory=lambda: defaultdict(dict))
    _long: _Index = field(default_factory=lambda: defaultdict(dict))
    """Those who have a name of several words, by its first letter."""
    _single: _Index = field(default_factory=lambda: defaultdict(dict))
    """The others, by the first letter of their name."""

    def add(self, entity: Entity) -> None:
        self.by_id[entity.id] = entity
        for index, key in self._places(entity):
            index[key][entity.id] = None

    def remove(self, *entities: Entity) -> None:
        for entity in entities:
            self.by_id.pop(entity.id, None)
            for index, key in self._places(entity):
                index[key].pop(entity.id, None)

    def of_name(self, name: str) -> list[Entity]:
        return self._all(self._by_name.get(name, ()))

    def named_like(self, entity: Entity) -> list[Entity]:
        """Return the others that may be this one: of the same name, or a short or longer one."""
        found = [each for name in entity.folded_names for each in self.of_name(name)]
        found += [*self.could_be(entity), *self._short_of(entity)]
        others = {each.id: each for each in found if each.id != entity.id}
        return [each for each in others.values() if _kinds_fit(entity, each)]

    def could_be(self, short: Entity) -> list[Entity]:
        """Return those of several words for whom a single word can stand."""
        name = short.folded_name
        longs = {id_ for letter in initials(name) for id_ in self._long.get(letter, ())}
        return [
            each
            for each in self._all(sorted(longs))
            if any(short_for(name, long) for long in each.folded_names) and _kinds_fit(short, each)
        ]

    def _short_of(self, entity: Entity) -> list[Entity]:
        name = entity.folded_name
        singles = {id_ for letter in initials(name) for id_ in self._single.get(letter, ())}
        found = [each for each in self._all(sorted(singles)) if short_for(each.folded_name, name)]
        return found[:_MENTIONS]

    def _all(self, ids: Iterable[RecordId]) -> list[Entity]:
        return [self.by_id[id_] for id_ in ids]

    def _places(self, entity: Entity) -> Iterator[tuple[_Index, str]]:
        if " " not in entity.folded_name:
            yield self._single, entity.folded_name[0]
        for name in entity.folded_names:
            yield self._by_name, name
            if " " in name:
                yield self._long, name[0]


def _kinds_fit(one: Entity, other: Entity) -> bool:
    return one.kind == other.kind or DEFAULT_KIND in {one.kind, other.kind}


def _by_name(one: Entity, other: Entity) -> tuple[Entity, Entity]:
    """Return two entities with the one first that stays: the user, known by kind, named in full."""
    ranked = sorted(
        (one, other),
        key=lambda each: (
            each.folded_name != USER,
            each.kind == DEFAULT_KIND,
            " " not in each.folded_name,
            each.created_at,
            each.id,
        ),
    )
    return ranked[0], ranked[1]


def _names(fact: Fact) -> bool:
    return fact.predicate in NAMING


def _target(fact: Fact) -> str:
    return fact.object_id or f"={fold(fact.value or '')}"


def _contradict(mine: Iterable[Fact], theirs: Iterable[Fact]) -> bool:
    """Whether two have different values of a relation of which one has one at a time."""
    own: dict[str, set[str]] = defaultdict(set)
    for fact in mine:
        if single_valued(fact.predicate) and not _names(fact):
            own[fact.predicate].add(_target(fact))
    return any(
        fact.predicate in own and _target(fact) not in own[fact.predicate] for fact in theirs
    )


def _lead_to(facts: Iterable[Fact], entity: Entity) -> bool:
    """Whether a relation leads from one to the other: nobody is their own friend."""
    return any(fact.object_id == entity.id and not _names(fact) for fact in facts)


def _shared(mine: Iterable[Fact], theirs: Iterable[Fact]) -> set[str]:
    """Return by which relations two are told to be one: a telling one, or several others."""
    own = {(fact.predicate, _target(fact)) for fact in mine}
    same = {fact.predicate for fact in theirs if (fact.predicate, _target(fact)) in own}
    of_one = {each for each in same - NAMING if single_valued(each)}
    return of_one if of_one & _TELLING or len(of_one) >= _ENOUGH else set()
