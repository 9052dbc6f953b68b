"""Names: which entity somebody means, and a new one where nobody was called so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from mnemos_graph.errors import BadInput, NotFound, TooMuch
from mnemos_graph.memory import checks
from mnemos_graph.memory.facts.families import canonical
from mnemos_graph.model import SHARED, Access, Entity, RecordId, Scope, new_id
from mnemos_graph.model.words import fold
from mnemos_graph.store import Find, GraphStore, HasAll, In

DEFAULT_KIND = "TOPIC"
LONGEST_NAME = 1_024
"""UTF-8 bytes of an entity's name."""
LONGEST_WORD = 64
"""Characters of a kind or predicate."""

_APART = re.compile(r"[\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRef:
    """An entity by its id, or by its name and kind."""

    id: RecordId | None = None
    name: str | None = None
    kind: str | None = None


class Names:
    """Resolves names for one decision; an unknown one makes an entity, which is then known.

    Names belong to the partition. A user's own entities come before the shared ones, and what is
    called so before what is also called so.
    """

    def __init__(self, store: GraphStore, access: Access, scope: Scope, now: datetime) -> None:
        self._store = store
        self._access = access
        self._scope = Scope(scope.user_id, scope.agent_id)
        self._now = now
        self.new: list[Entity] = []
        """Those to be put in the same change set as what refers to them."""

    async def resolve(self, role: str, ref: EntityRef) -> Entity:
        """Return the entity that is meant, following merges; ``role`` names it in messages.

        Raises:
            BadInput: neither or both of id and name, a name that several kinds have, or an entity
                of another user.
            NotFound: there is no entity with this id.
        """
        if (ref.id is None) == (ref.name is None):
            raise BadInput(f"{role} needs an id, or a name and kind; exactly one of the two.")
        if ref.id is not None:
            return await self._by_id(role, ref.id)
        name = " ".join(checks.text(f"{role}.name", ref.name or "", LONGEST_NAME).split())
        kind = word(f"{role}.kind", ref.kind).upper() if ref.kind is not None else None
        found = _pick(self.new, name, kind) or await self._by_name(role, name, kind)
        return found or self._made(name, kind)

    def drop_new(self, kept: int) -> None:
        """Let all new ones but the first ``kept`` go; nothing refers to them."""
        del self.new[kept:]

    async def _by_id(self, role: str, id: RecordId) -> Entity:
        found = (await canonical(self._store, self._access, [id])).get(id)
        if found is None:
            raise NotFound("entity", id)
        if found.partition not in (self._scope.partition, SHARED):
            raise BadInput(
                f"{role} belongs to another partition. A user's facts refer to that user's "
                "entities and to shared ones, shared facts to shared ones."
            )
        return found

    async def _by_name(self, role: str, name: str, kind: str | None) -> Entity | None:
        users = (None, self._scope.user_id) if self._scope.user_id else (None,)
        where = (HasAll("folded_names", (fold(name),)), In("user_id", users))
        (page,) = await self._store.find(self._access, [Find(Entity, where)])
        for partition in dict.fromkeys((self._scope.partition, SHARED)):
            alike = [each for each in page.records if each.partition == partition]
            exact = [each for each in alike if each.folded_name == fold(name)]
            if kind is None and len(kinds := {each.kind for each in exact}) > 1:
                raise BadInput(f"{role}: {name!r} is {' and '.join(sorted(kinds))}. Give its kind.")
            if found := _pick(alike, name, kind):
                return (await canonical(self._store, self._access, [found.id]))[found.id]
        return None

    def _made(self, name: str, kind: str | None) -> Entity:
        entity = Entity(
            id=new_id(),
            scope=self._scope,
            created_at=self._now,
            updated_at=self._now,
            name=name,
            kind=kind or DEFAULT_KIND,
        )
        self.new.append(entity)
        return entity


def _pick(entities: list[Entity], name: str, kind: str | None) -> Entity | None:
    alike = [
        each
        for each in entities
        if (kind is None or each.kind == kind) and fold(name) in each.folded_names
    ]
    return min(alike, key=lambda each: (each.folded_name != fold(name), each.id), default=None)


def word(name: str, value: str) -> str:
    """Return a kind or predicate as one word in lower case: ``livesIn`` is ``lives_in``.

    Raises:
        BadInput: it has no letter.
        TooMuch: it is longer than 64 characters.
    """
    checks.text(name, value)
    plain = _APART.sub("_", fold(_HUMP.sub("_", value))).strip("_")
    if not plain:
        raise BadInput(f"{name} is {value!r}; it needs letters, such as 'lives_in'.")
    if len(plain) > LONGEST_WORD:
        raise TooMuch(f"{name} has {len(plain)} characters; at most {LONGEST_WORD} are allowed.")
    return plain
