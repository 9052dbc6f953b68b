"""Taking back a source, with all that rests on it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mnemos_graph.errors import NotFound
from mnemos_graph.feed import Journal
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.facts.book import Book
from mnemos_graph.memory.facts.following import released
from mnemos_graph.memory.outcomes import Clock, Deleted
from mnemos_graph.memory.reading import every
from mnemos_graph.memory.records.claims import unclaimed
from mnemos_graph.model import (
    Access,
    Episode,
    Fact,
    Memory,
    Position,
    RecordId,
    RecordKind,
)
from mnemos_graph.store import (
    Delete,
    Equal,
    Find,
    GraphStore,
    HasAll,
    In,
    Operation,
    Present,
    Put,
    VersionRef,
)

MOST_AT_ONCE = 150
"""Facts and memories of one commit: each may bring others, and a set holds a thousand changes."""


@dataclass(frozen=True, slots=True)
class _Step:
    taken: int
    is_last: bool
    position: Position


class Episodes:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._attempts = Attempts(journal)
        self._clock = clock

    @property
    def _store(self) -> GraphStore:
        return self._attempts.store

    async def retract(self, access: Access, id: RecordId) -> Deleted:
        """Take back an episode: what only it supported goes, what it had ended holds again.

        Facts without another source become invalid, memories without one are deleted; what has
        another stays, without what this one added to its text. It is one change set, or, where
        hundreds of records rest on the episode, several, of which the last deletes the episode.
        The count is of the episode, the facts and the memories.

        Raises:
            NotFound: there is no such episode.
        """

        async def decide(_: Position) -> Plan[_Step]:
            episode = (await self._store.get(access, Episode, [id])).get(id)
            if episode is None:
                raise NotFound(RecordKind.EPISODE.value, id)
            return await _Retraction(self._store, access, episode, self._clock()).plan()

        taken = 0
        while True:
            step = await self._attempts.carry_out(access, decide)
            taken += step.taken
            if step.is_last:
                return Deleted(taken, step.position)


class _Retraction:
    """One decision about an episode and what rests on it."""

    def __init__(self, store: GraphStore, access: Access, episode: Episode, now: datetime) -> None:
        self._store = store
        self._access = access
        self._episode = episode
        self._now = now
        self._book = Book(store, access, now)

    async def plan(self) -> Plan[_Step]:
        sourced = HasAll("sources", (self._episode.id,))
        believed = Present("invalidated_at", present=False)
        ended = Equal("ended_by", self._episode.id)
        facts, endings = await self._store.find(
            self._access,
            [Find(Fact, (what, believed), first=MOST_AT_ONCE) for what in (sourced, ended)],
        )
        (memories,) = await self._store.find(
            self._access, [Find(Memory, (sourced,), first=MOST_AT_ONCE)]
        )
        touched = {each.id: each for each in (*facts.records, *endings.records)}
        lessened = [self._taken_from(each) for each in touched.values()]
        for fact in lessened:
            await self._book.change(fact)
        invalid = sum(each.invalidated_at is not None for each in lessened)
        gone = {each.id: each for each in memories.records if not self._without(each.sources)}
        gone |= {each.id: each for each in await self._book.orphans()}
        kept = [each for each in memories.records if each.id not in gone]
        is_last = not (facts.has_more or endings.has_more or memories.has_more)
        operations = (
            *self._book.written_facts(),
            *(Put(each, "a source was taken back") for each in await self._changed(kept, gone)),
            *(
                Delete(RecordKind.MEMORY, each.id, each.version, "its source was taken back")
                for each in gone.values()
            ),
            *self._deleted(is_last=is_last),
        )
        taken = invalid + len(gone) + is_last
        return Plan(operations, lambda at: _Step(taken, is_last, at))

    def _taken_from(self, fact: Fact) -> Fact:
        """Return a fact without what this source said of it."""
        left = self._without(fact.sources)
        if fact.ended_by == self._episode.id:
            fact = replace(fact, ended_at=None, ended_by=None)
        lost = left != fact.sources and not left and not fact.asserted
        return replace(fact, sources=left, invalidated_at=self._now if lost else None)

    def _deleted(self, *, is_last: bool) -> tuple[Operation, ...]:
        episode = self._episode
        return (Delete(Episode.KIND, episode.id, episode.version),) if is_last else ()

    async def _changed(
        self, kept: Sequence[Memory], gone: Mapping[RecordId, Memory]
    ) -> list[Memory]:
        """Return the memories that lose this source, end, or hold again, by next version."""
        before = {each.id: each for each in kept}
        after = {each.id: await self._lessened(each) for each in kept}
        for was, now in await self._book.followers():
            before.setdefault(was.id, was)
            base = after.get(was.id, was)
            after[was.id] = replace(
                base,
                valid_from=now.valid_from,
                valid_to=now.valid_to,
                superseded_by=now.superseded_by,
            )
        superseded = await self._superseded(gone)
        facts = await self._facts_of(superseded)
        for each in superseded:
            before.setdefault(each.id, each)
            base = after.get(each.id, each)
            if base.superseded_by in gone:
                after[each.id] = released(base, facts)
        changes = [(before[id_], now) for id_, now in after.items() if id_ not in gone]
        sound = {now.id: now for _, now in await unclaimed(self._store, self._access, changes)}
        least = [
            (was, sound.get(was.id) or replace(was, sources=self._without(was.sources)))
            for was, _ in changes
        ]
        return [
            replace(now, version=was.version + 1, updated_at=self._now)
            for was, now in least
            if now != was
        ]

    async def _superseded(self, gone: Mapping[RecordId, Memory]) -> list[Memory]:
        if not gone:
            return []
        question = Find(Memory, (In("superseded_by", tuple(gone)),))
        return await every(self._store, self._access, question)

    async def _facts_of(self, memories: Sequence[Memory]) -> dict[RecordId, Fact]:
        ids = {id_ for each in memories for id_ in each.fact_ids}
        kept = dict(await self._store.get(self._access, Fact, ids))
        return kept | {each.id: each for each in self._book.changed()}

    async def _lessened(self, memory: Memory) -> Memory:
        """Return a memory without this source, and without the text that came with it."""
        less = replace(memory, sources=self._without(memory.sources))
        refs = [VersionRef(memory.id, number) for number in range(1, memory.version)]
        versions = await self._store.versions(self._access, Memory, refs)
        told = [versions[ref].record for ref in refs if ref in versions]
        with_it = [*(each for each in told if self._episode.id in each.sources), memory]
        without = [each for each in told if each.version < with_it[0].version]
        if without and with_it[0].text == memory.text:
            return replace(less, text=without[-1].text)
        return less

    def _without(self, sources: Sequence[RecordId]) -> tuple[RecordId, ...]:
        return tuple(id_ for id_ in sources if id_ != self._episode.id)
