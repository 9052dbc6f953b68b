"""One pass over what changed in a partition: names first, then repeats, then summaries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from mnemos_graph.errors import NotFound
from mnemos_graph.feed import Journal
from mnemos_graph.language.embedder import Embedder
from mnemos_graph.language.summarizer import Summarizer
from mnemos_graph.memory.attempts import Attempts
from mnemos_graph.memory.consolidating.backlog import ACTOR, Subjects
from mnemos_graph.memory.consolidating.budget import Budget
from mnemos_graph.memory.consolidating.names import Names
from mnemos_graph.memory.consolidating.repeats import Repeats
from mnemos_graph.memory.consolidating.summaries import Summaries
from mnemos_graph.memory.facts.entities import Entities
from mnemos_graph.memory.facts.families import family
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.model import SHARED, Access, Fact, Memory, Position, RecordId, Scope
from mnemos_graph.store import Find, HasAll

_AT_ONCE = 100
"""Changed entities, or facts, that are taken together."""
_MENTIONS = 100
"""Memories about a merged entity that are looked at again."""


@dataclass(slots=True)
class Tally:
    """What was done."""

    repeats: int = 0
    names: int = 0
    summaries: int = 0

    @property
    def total(self) -> int:
        return self.repeats + self.names + self.summaries

    def add(self, other: Tally) -> None:
        self.repeats += other.repeats
        self.names += other.names
        self.summaries += other.summaries


class Passes:
    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        embedder: Embedder | None = None,
        summarizer: Summarizer | None = None,
    ) -> None:
        self._store = journal.store
        attempts = Attempts(journal)
        self._names = Names(journal.store, Entities(journal, clock))
        self._repeats = Repeats(attempts, clock, embedder)
        self._summaries = Summaries(attempts, clock, summarizer)

    async def go(
        self, access: Access, scope: Scope, subjects: Subjects, began: Position, budget: Budget
    ) -> Tally:
        """Improve what is known around the subjects, and take out of them what was looked at.

        Whatever ``access`` may do, nothing is read but this partition and the shared one, and
        nothing is written but this one. ``began``: the log's end before; what was forgotten since
        is not written again.

        Raises:
            Conflict: the partition was forgotten meanwhile, or others write to it without end.
            TryLater: the store is away.
        """
        own = frozenset({scope.partition})
        bound = replace(access, actor=ACTOR, reads=own | {SHARED}, writes=own)
        tally = Tally()

        async def summary(id: RecordId) -> bool:
            return await self._summaries.look(bound, id, began)

        async def repeat(id: RecordId) -> bool:
            return await self._repeats.look(bound, id, began)

        await self._name(bound, subjects)
        while subjects.entities and not budget.is_spent:
            changed = _taken(subjects.entities)
            merged = await self._names.resolve(bound, scope, changed, began)
            tally.names += len(merged)
            for id_ in merged:
                subjects.memories |= dict.fromkeys(await self._mentions(bound, id_))
            waiting = dict.fromkeys([*changed, *merged])
            tally.summaries += await _each(waiting, budget, summary)
            subjects.entities |= waiting
        tally.repeats += await _each(subjects.memories, budget, repeat)
        return tally

    async def _name(self, access: Access, subjects: Subjects) -> None:
        """Put in place of changed facts the entities that they are about."""
        while subjects.facts:
            facts = await self._store.get(access, Fact, list(subjects.facts)[:_AT_ONCE])
            for each in facts.values():
                subjects.entities |= dict.fromkeys(filter(None, (each.subject_id, each.object_id)))
            _taken(subjects.facts)

    async def _mentions(self, access: Access, id: RecordId) -> list[RecordId]:
        """Return memories about an entity, whatever name it had."""
        ids = await family(self._store, access, id)
        questions = [
            Find(Memory, (HasAll("entity_ids", (each,)),), first=_MENTIONS) for each in ids
        ]
        pages = await self._store.find(access, questions)
        return [each.id for page in pages for each in page.records]


def _taken(waiting: dict[RecordId, None]) -> list[RecordId]:
    taken = list(waiting)[:_AT_ONCE]
    for id_ in taken:
        del waiting[id_]
    return taken


async def _each(
    waiting: dict[RecordId, None], budget: Budget, look: Callable[[RecordId], Awaitable[bool]]
) -> int:
    """Look at one after the other while the budget lasts; return how many were changed."""
    changed = 0
    while waiting and not budget.is_spent:
        id_ = next(iter(waiting))
        with suppress(NotFound):  # what it is about is gone meanwhile
            changed += await look(id_)
        del waiting[id_]
        budget.spend()
    return changed
