"""The ontology of an organization: checked, kept, and read before anything is extracted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from mnemos_graph.errors import BadInput, NotFound, TooMuch
from mnemos_graph.feed import Journal
from mnemos_graph.memory import checks
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.facts.naming import LONGEST_WORD, word
from mnemos_graph.memory.outcomes import Clock, Deleted, Written
from mnemos_graph.model import (
    ENTITY_TYPES,
    Access,
    EntityType,
    FactType,
    Ontology,
    OrganizationId,
    Position,
    RecordKind,
    Scope,
    new_id,
)
from mnemos_graph.store import Delete, Equal, Find, GraphStore, Put

LONGEST_INSTRUCTIONS = 8_192
"""UTF-8 bytes: a model reads them with every call."""
LONGEST_DESCRIPTION = 500
"""UTF-8 bytes of what a type means."""
MOST_ENTITY_TYPES = 50
MOST_FACT_TYPES = 100
MOST_KINDS = 20
"""Kinds of subjects or objects of one fact type."""

_KIND = re.compile(r"[A-Z][A-Z0-9_]*")
_PREDICATE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOntology:
    instructions: str = ""
    entity_types: Sequence[EntityType] = ()
    fact_types: Sequence[FactType] = ()
    closed: bool = False


class Ontologies:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._attempts = Attempts(journal)
        self._clock = clock

    async def get(self, access: Access) -> Ontology | None:
        """Return the organization's; None: it has none."""
        return await ontology_of(self._attempts.store, access)

    async def set(
        self, access: Access, new: NewOntology, expected_version: int | None = None
    ) -> Written[Ontology]:
        """Keep this ontology in place of the one that was there.

        Raises:
            BadInput: it is malformed; the message says where.
            TooMuch: it is too long, or has too many types.
            Conflict: the one that is there is not at ``expected_version``; 0: there is none.
        """
        check(new)

        async def decide(_: Position) -> Plan[Written[Ontology]]:
            held = await self.get(access)
            checks.version("ontology", held.version if held else 0, expected_version)
            after = self._after(held, new)
            if held and replace(after, version=held.version, updated_at=held.updated_at) == held:
                return Plan((), lambda at: Written(held, at))
            return Plan((Put(after),), lambda at: Written(after, at))

        return await self._attempts.carry_out(access, decide)

    async def delete(self, access: Access) -> Deleted:
        """Delete it; what was written by it stays.

        Raises:
            NotFound: there is none.
        """

        async def decide(_: Position) -> Plan[Deleted]:
            held = await self.get(access)
            if held is None:
                raise NotFound(RecordKind.ONTOLOGY.value, "of this organization")
            deleted = Delete(Ontology.KIND, held.id, held.version)
            return Plan((deleted,), lambda at: Deleted(1, at))

        return await self._attempts.carry_out(access, decide)

    def _after(self, held: Ontology | None, new: NewOntology) -> Ontology:
        now = self._clock()
        return Ontology(
            id=held.id if held else new_id(),
            scope=Scope(),
            created_at=held.created_at if held else now,
            updated_at=now,
            version=held.version + 1 if held else 1,
            instructions=new.instructions,
            entity_types=tuple(new.entity_types),
            fact_types=tuple(new.fact_types),
            closed=new.closed,
        )


async def ontology_of(store: GraphStore, access: Access) -> Ontology | None:
    """Return the ontology of an organization; None: it has none."""
    question = Find(Ontology, (Equal("user_id", None),), first=1)
    (page,) = await store.find(access, [question])
    return page.records[0] if page.records else None


async def ontology_for(store: GraphStore, organization: OrganizationId) -> Ontology | None:
    """Return the ontology by which everything of an organization is read, whoever tells it."""
    return await ontology_of(store, Access(organization, "system"))


def check(new: NewOntology) -> None:
    """Complain about the first thing in an ontology that is not in order.

    Raises:
        BadInput, TooMuch: the message says where.
    """
    checks.storable("instructions", new.instructions, LONGEST_INSTRUCTIONS)
    for name, types, most in (
        ("entityTypes", new.entity_types, MOST_ENTITY_TYPES),
        ("factTypes", new.fact_types, MOST_FACT_TYPES),
    ):
        if len(types) > most:
            raise TooMuch(f"There are {len(types)} {name}; at most {most} are allowed.")
    if new.closed and not new.entity_types and not new.fact_types:
        raise BadInput("A closed ontology without types lets anything in. Give it some types.")
    own = [each.name for each in new.entity_types]
    for at, kind in _distinct("entityTypes", own):
        _well_formed(f"{at}.name", kind, _KIND, "upper case")
    for number, type_ in enumerate(new.entity_types):
        _described(f"entityTypes[{number}]", type_.description)
    for at, predicate in _distinct("factTypes", [each.name for each in new.fact_types]):
        _well_formed(f"{at}.name", predicate, _PREDICATE, "lower case")
    kinds = own if new.closed and own else [*own, *ENTITY_TYPES]
    for number, fact in enumerate(new.fact_types):
        _described(f"factTypes[{number}]", fact.description)
        _known(f"factTypes[{number}].subjects", fact.subjects, kinds)
        _known(f"factTypes[{number}].objects", fact.objects, kinds)


def _distinct(types: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield where each name stands, and the name.

    Raises:
        BadInput: one of them was there before.
    """
    seen: dict[str, int] = {}
    for number, name in enumerate(names):
        if name in seen:
            raise BadInput(
                f"{types}[{number}].name is {_shown(name)}, as is that of "
                f"{types}[{seen[name]}]. Leave one of them out."
            )
        seen[name] = number
        yield f"{types}[{number}]", name


def _well_formed(where: str, name: str, form: re.Pattern[str], case: str) -> None:
    checks.text(where, name, LONGEST_WORD)
    if form.fullmatch(name):
        return
    told = f"{where} is {_shown(name)}. Write letters of {case}, digits and underscores"
    with suppress(BadInput):
        meant = word(where, name).upper() if form is _KIND else word(where, name)
        if form.fullmatch(meant):
            told += f": {meant}"
    raise BadInput(f"{told}.")


def _described(where: str, description: str) -> None:
    checks.storable(f"{where}.description", description, LONGEST_DESCRIPTION)


def _known(where: str, named: Sequence[str], kinds: Collection[str]) -> None:
    if len(named) > MOST_KINDS:
        raise TooMuch(f"{where} has {len(named)} kinds; at most {MOST_KINDS} are allowed.")
    for number, kind in enumerate(named):
        if kind not in kinds:
            raise BadInput(
                f"{where}[{number}] is {_shown(kind)}, which is no type of entity here. "
                "Add it to entityTypes, or name one that is there."
            )


def _shown(name: str) -> str:
    return repr(name if len(name) <= LONGEST_WORD else f"{name[:LONGEST_WORD]}…")
