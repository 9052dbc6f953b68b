"""What is known of an entity in a few sentences, written anew when that changes."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from mnemos_graph.errors import MnemosError
from mnemos_graph.language.relations import single_valued
from mnemos_graph.language.summarizer import About, JoinsStatements, Summarizer
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.facts.families import canonical, family
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.model import Access, Entity, Fact, Position, RecordId
from mnemos_graph.store import (
    Equal,
    Find,
    GraphStore,
    In,
    Order,
    Put,
    VersionRef,
    View,
    facts_holding,
)

LEAST_FACTS = 3
"""Fewer say themselves what is known."""
MOST_FACTS = 200
"""The newest that one summary is made of."""
_VERSIONS = 50
"""Of an entity, in which it is looked for what its summary was made of."""
_REASON = re.compile(r"summary of \d+ facts \((?P<basis>[0-9a-f]{12})\)")
_RULES = JoinsStatements()

log = logging.getLogger(__name__)


class Basis(NamedTuple):
    """What a summary is made of."""

    statements: tuple[str, ...]
    digest: str


class Summaries:
    def __init__(self, attempts: Attempts, clock: Clock, summarizer: Summarizer | None) -> None:
        """Without ``summarizer``, by rules."""
        self._attempts = attempts
        self._clock = clock
        self._summarizer = summarizer or _RULES

    @property
    def _store(self) -> GraphStore:
        return self._attempts.store

    async def look(self, access: Access, id: RecordId, began: Position) -> bool:
        """Write an entity's summary anew where what is known has changed; return whether it did.

        Whoever writes it is asked at most once, while nothing is being written.
        """
        entity = (await canonical(self._store, access, [id])).get(id)
        if entity is None or not access.may_write(entity.partition):
            return False
        basis = await self._basis(access, entity)
        if await self._stands(access, entity, basis):
            return False
        summary = await self._written(entity, basis) if basis else None
        if summary == entity.summary:
            return False

        async def decide(_: Position) -> Plan[bool]:
            now = (await self._store.get(access, Entity, [entity.id])).get(entity.id)
            if now != entity or await self._basis(access, entity) != basis:
                return Plan((), lambda _: False)
            after = replace(
                entity, summary=summary, version=entity.version + 1, updated_at=self._clock()
            )
            reason = "too few facts for a summary"
            if basis:
                reason = f"summary of {len(basis.statements)} facts ({basis.digest})"
            return Plan((Put(after, reason),), lambda _: True)

        return await self._attempts.carry_out(access, decide, began)

    async def _basis(self, access: Access, entity: Entity) -> Basis | None:
        """Return what holds of an entity, if it is enough for a summary."""
        where = (
            In("subject_id", await family(self._store, access, entity.id)),
            Equal("user_id", entity.scope.user_id),
            *facts_holding(View(self._clock())),
        )
        newest = Order("id", descending=True)
        (page,) = await self._store.find(
            access, [Find(Fact, where, order=newest, first=MOST_FACTS)]
        )
        statements = tuple(dict.fromkeys(each.statement for each in _in_order(page.records)))
        if len(statements) < LEAST_FACTS:
            return None
        told = "\n".join((self._summarizer.name, entity.name, *sorted(statements)))
        return Basis(statements, hashlib.sha256(told.encode()).hexdigest()[:12])

    async def _stands(self, access: Access, entity: Entity, basis: Basis | None) -> bool:
        """Return whether the summary says what is known, or is not one that was written here."""
        if entity.summary is None:
            return basis is None
        refs = [
            VersionRef(entity.id, number)
            for number in range(max(1, entity.version - _VERSIONS), entity.version + 1)
        ]
        versions = await self._store.versions(access, Entity, refs)
        for ref in reversed(refs):
            version = versions.get(ref)
            if version and (made := _REASON.fullmatch(version.reason)):
                own = version.record.summary == entity.summary
                return not own or (basis is not None and basis.digest == made["basis"])
        return False

    async def _written(self, entity: Entity, basis: Basis) -> str:
        about = About(name=entity.name, kind=entity.kind, statements=basis.statements)
        try:
            return await self._summarizer.summarize(about)
        except MnemosError as error:
            log.warning("an entity is summarized by rules: %s", error.code)
            return await _RULES.summarize(about)


def _in_order(facts: Sequence[Fact]) -> list[Fact]:
    """Return facts with those first that have one value at a time; else the newest first."""
    return sorted(facts, key=lambda each: not single_valued(each.predicate))
