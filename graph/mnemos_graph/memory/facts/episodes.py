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
from mnemos_graph.memory.facts.lines import place
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
    Support,
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
        self._promoted: dict[RecordId, Support] = {}
        """For memories whose only named source this was: another one, named from now on."""

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
        (tellings,) = await self._store.find(
            self._access,
            [Find(Support, (Equal("episode_id", self._episode.id),), first=MOST_AT_ONCE)],
        )
        for telling in tellings.records:
            self._book.supports.remove(telling)
        touched = {each.id: each for each in (*facts.records, *endings.records)}
        lessened = [await self._taken_from(each) for each in touched.values()]
        for fact in lessened:
            await self._book.change(fact)
        invalid = sum(each.invalidated_at is not None for each in lessened)
        gone = {each.id: each for each in memories.records if not await self._left(each)}
        gone |= {each.id: each for each in await self._book.orphans()}
        kept = [each for each in memories.records if each.id not in gone]
        pages = (facts, endings, memories, tellings)
        is_last = not any(page.has_more for page in pages)
        changed = await self._changed(kept, gone)
        operations = (
            *self._book.written_facts(),
            *(Put(each, "a source was taken back") for each in changed),
            *(
                Delete(RecordKind.MEMORY, each.id, each.version, "its source was taken back")
                for each in gone.values()
            ),
            *self._deleted(is_last=is_last),
        )
        taken = invalid + len(gone) + is_last
        return Plan(operations, lambda at: _Step(taken, is_last, at))

    async def _left(self, memory: Memory) -> tuple[RecordId, ...]:
        """Return the sources that a memory names when this one is gone: another, if it had one."""
        supports = self._book.supports
        await supports.guard(memory.scope, memory.id)
        named = self._without(memory.sources)
        if named:
            return named
        if memory.id not in self._promoted:
            others = await supports.of(memory.id)
            if not others:
                return ()
            supports.remove(others[0])
            self._promoted[memory.id] = others[0]
        by = self._promoted[memory.id].episode_id
        return (by,) if by else ()

    async def _taken_from(self, fact: Fact) -> Fact:
        """Return a fact without what this source said of it."""
        left = self._without(fact.sources)
        if fact.ended_by == self._episode.id:
            fact = replace(fact, ended_at=None, ended_by=None)
        if left or left == fact.sources:
            return replace(fact, sources=left)
        others = await self._book.supports.of(fact.id)
        if others:
            self._book.supports.remove(others[0])
            return _begun_with(fact, others[0])
        return replace(fact, sources=(), invalidated_at=None if fact.asserted else self._now)

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
            (was, sound.get(was.id) or replace(was, sources=await self._left(was)))
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
        less = replace(memory, sources=await self._left(memory))
        if memory.id in self._promoted:
            less = replace(less, occurred_at=self._promoted[memory.id].told_at)
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


def _begun_with(fact: Fact, telling: Support) -> Fact:
    """Return a fact as it is where the first that told it is one that told it again."""
    begun = replace(
        fact,
        sources=(telling.episode_id,) if telling.episode_id else (),
        asserted=fact.asserted or telling.episode_id is None,
    )
    if telling.told_at == place(fact)[0]:
        return begun
    return replace(begun, valid_from=None, told_at=telling.told_at)
