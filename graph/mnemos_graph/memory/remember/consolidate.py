"""Deciding what becomes of what was said, against what is known: ADD, UPDATE, DELETE or NOOP.

One decision reads, drafts and gives back a change set; nothing is written here. Facts come first,
because memories end and hold again with the facts that they rest on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from mnemos_graph.errors import BadInput
from mnemos_graph.index.question import STOP_WORDS
from mnemos_graph.language.embedder import Embedder
from mnemos_graph.language.extractor import CandidateMemory
from mnemos_graph.memory import checks
from mnemos_graph.memory.facts.book import Book
from mnemos_graph.memory.facts.following import end_of, followed
from mnemos_graph.memory.facts.naming import Names
from mnemos_graph.memory.records.claims import unclaimed
from mnemos_graph.memory.remember.drafts import Drafts
from mnemos_graph.memory.remember.duplicates import Duplicates, Wanted
from mnemos_graph.memory.remember.echoes import Echoes
from mnemos_graph.memory.remember.findings import Finding
from mnemos_graph.memory.remember.statements import Stated, Statements
from mnemos_graph.memory.remember.telling import Action, Telling
from mnemos_graph.model import (
    Access,
    Episode,
    Fact,
    Memory,
    Origin,
    RecordId,
    new_id,
)
from mnemos_graph.model.words import words
from mnemos_graph.store import Equal, Find, GraphStore, HasAll, HasWords, Operation, Put

_MOST_FORGOTTEN = 50
"""Memories that one wish deletes."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class Judged(NamedTuple):
    """A decision about one memory, by reference."""

    action: Action
    id: RecordId | None
    version: int
    reason: str


class _Made(NamedTuple):
    action: Action
    id: RecordId | None
    reason: str


class Consolidation:
    """One decision, over as many findings as it is given."""

    def __init__(
        self,
        store: GraphStore,
        access: Access,
        telling: Telling,
        now: datetime,
        embedder: Embedder | None,
    ) -> None:
        self._store = store
        self._access = access
        self._telling = telling
        self._now = now
        self._names = Names(store, access, telling.scope, now)
        self._book = Book(store, access, now)
        self._statements = Statements(self._book, self._names, telling.scope, now)
        self._drafts = Drafts(now)
        self._duplicates = Duplicates(
            store, access, telling.scope, drafts=self._drafts, book=self._book, embedder=embedder
        )
        self._echoes = Echoes(store, access, telling.scope, self._drafts)
        self._made: list[_Made] = []
        self._enders: dict[RecordId, RecordId] = {}
        """For facts that were said to have stopped: the memory that says so."""

    @property
    def size(self) -> int:
        """About how many records it will write."""
        facts = len(self._book.changed()) + len(self._book.supports)
        return len(self._drafts) + facts + len(self._names.new)

    async def take(self, finding: Finding) -> None:
        """Decide about one finding, after those that were taken before."""
        if finding.forget is not None:
            await self._forget(finding.forget)
        if finding.memory and (said := await self._echoes.of_memory(finding.memory)):
            self._made.append(_Made(Action.NOOP, said.id, "it came out of Mnemos"))
            self._drafts.change(said, said, "said again")
            return
        told = [await self._statements.tell(each, finding.episode) for each in finding.facts]
        stated = [each for each in told if each is not None]
        if finding.memory is not None:
            await self._weigh(finding.memory, stated, finding.episode)

    async def outcome(self) -> tuple[tuple[Operation, ...], list[Judged]]:
        """Return what is to be written, and the decisions."""
        await self._part()
        says = await self._settle_new()
        await self._follow(says)
        for was, _ in await self._unsound():
            self._drafts.undo(was)
        facts, memories = self._book.written_facts(), self._drafts.operations()
        entities = tuple(Put(each) for each in self._names.new)
        return (*entities, *facts, *memories), self._judged()

    async def _weigh(
        self, candidate: CandidateMemory, stated: list[Stated], episode: Episode
    ) -> None:
        try:
            checks.text("text", candidate.text)
        except BadInput:
            return
        named = [await self._statements.entity(each) for each in candidate.entities]
        entities = [each.id for each in named if each]
        entities += [id_ for each in stated for id_ in each.entities]
        held = tuple(dict.fromkeys(each.fact.id for each in stated if not each.has_ended))
        holds = end_of([fact for id_ in held if (fact := self._book.held(id_))]) is None
        wanted = Wanted(candidate.text, frozenset(held), frozenset(entities), holds)
        known = await self._duplicates.exact(wanted)
        if known is not None:
            await self._support(known, episode, held, "it is known already")
            says = known.id
        elif (close := await self._duplicates.near(wanted)) is not None:
            await self._refine(close, candidate, episode, wanted)
            says = close.id
        elif await self._echoes.of_statement(candidate, stated, entities, episode):
            self._made.append(_Made(Action.NOOP, None, "it came out of Mnemos"))
            return
        else:
            memory = self._new(candidate, episode, tuple(dict.fromkeys(entities)), held)
            self._drafts.add(memory, "new")
            self._made.append(_Made(Action.ADD, memory.id, "it is new"))
            says = memory.id
        self._enders |= {each.fact.id: says for each in stated if each.has_ended}

    async def _support(
        self, known: Memory, episode: Episode, facts: tuple[RecordId, ...], reason: str
    ) -> None:
        """Let a memory rest on one more episode, so that taking one back does not take it away."""
        self._made.append(_Made(Action.NOOP, known.id, reason))
        supported = known
        if known.origin is Origin.INFERRED and episode.id not in known.sources:
            supports = self._book.supports
            await supports.guard(known.scope, known.id)
            await supports.add(known.scope, known.id, episode.id, episode.occurred_at)
            facts = tuple(dict.fromkeys((*known.fact_ids, *facts)))
            supported = replace(known, fact_ids=facts)
        self._drafts.change(known, supported, "said again")

    async def _refine(
        self, known: Memory, candidate: CandidateMemory, episode: Episode, wanted: Wanted
    ) -> None:
        facts = tuple(sorted(wanted.facts))
        if not self._duplicates.adds_detail(wanted, known):
            await self._support(known, episode, facts, "almost the same is known already")
            return
        refined = replace(
            known,
            text=candidate.text,
            importance=max(known.importance, candidate.importance),
            sources=tuple(dict.fromkeys((*known.sources, episode.id))),
            entity_ids=tuple(dict.fromkeys((*known.entity_ids, *sorted(wanted.entities)))),
            fact_ids=tuple(dict.fromkeys((*known.fact_ids, *facts))),
        )
        self._drafts.change(known, refined, "adds detail")
        self._made.append(_Made(Action.UPDATE, known.id, "it adds detail to what is known"))

    def _new(
        self,
        candidate: CandidateMemory,
        episode: Episode,
        entities: tuple[RecordId, ...],
        facts: tuple[RecordId, ...],
    ) -> Memory:
        return Memory(
            id=new_id(),
            scope=self._telling.scope,
            created_at=self._now,
            updated_at=self._now,
            text=candidate.text,
            type=self._telling.type or candidate.type,
            origin=Origin.INFERRED,
            importance=min(max(candidate.importance, 0.0), 1.0),
            tags=tuple(dict.fromkeys(self._telling.tags)),
            metadata=self._telling.metadata,
            valid_from=_not_after(candidate.valid_from, episode.occurred_at),
            occurred_at=episode.occurred_at,
            sources=(episode.id,),
            entity_ids=entities,
            fact_ids=facts,
        )

    async def _forget(self, wish: str) -> None:
        telling = [each for each in _WORD.findall(wish) if not STOP_WORDS.issuperset(words(each))]
        asked = set(words(" ".join(telling)))
        found = await self._named(" ".join(telling)) if telling else []
        found += [each for each in self._drafts.new() if asked and asked <= set(words(each.text))]
        for memory in found:
            if self._drafts.delete(memory, "asked to be forgotten"):
                self._made.append(_Made(Action.DELETE, memory.id, "it was asked to be forgotten"))
            else:
                self._made = [each for each in self._made if each.id != memory.id]
        for memory in found:
            await self._disbelieve(memory)
        if not found:
            self._made.append(_Made(Action.NOOP, None, "nothing was found that could be forgotten"))

    async def _named(self, text: str) -> list[Memory]:
        scope = self._telling.scope
        where = (
            HasWords(text),
            Equal("user_id", scope.user_id),
            Equal("agent_id", scope.agent_id),
        )
        (page,) = await self._store.find(self._access, [Find(Memory, where, first=_MOST_FORGOTTEN)])
        return [each for stored in page.records if (each := self._drafts.now(stored))]

    async def _disbelieve(self, memory: Memory) -> None:
        """Take back the facts that only this memory says, unless somebody stated them directly."""
        for id_ in memory.fact_ids:
            (page,) = await self._store.find(
                self._access, [Find(Memory, (HasAll("fact_ids", (id_,)),))]
            )
            others = {each.id for each in page.records} - self._drafts.gone
            others |= {each.id for each in self._drafts.new() if id_ in each.fact_ids}
            fact = self._book.held(id_) or (await self._store.get(self._access, Fact, [id_])).get(
                id_
            )
            if fact and not others and not fact.asserted and fact.invalidated_at is None:
                await self._book.change(replace(fact, invalidated_at=self._now))

    async def _part(self) -> None:
        """Let memories that were told again later, after something else, be memories of then."""
        parting = self._book.parting
        stored = [
            each for was in await self._book.resting_on_parted() if (each := self._drafts.now(was))
        ]
        parted = {each.fact for each in parting.parted}
        new = [each for each in self._drafts.new() if parted & set(each.fact_ids)]
        for memory in (*stored, *new):
            for copy, tellings in await parting.copies(memory):
                twin = next(
                    (each for each in self._drafts.new() if _says_the_same(each, copy)), None
                )
                await parting.hand_over(twin or copy, tellings)
                if twin is None:
                    self._drafts.add(copy, "told again, after something else")
                    self._made.append(_Made(Action.ADD, copy.id, "it was told of another time too"))
        for memory in new:
            self._drafts.add(parting.repointed(memory), "new")

    async def _settle_new(self) -> dict[RecordId, RecordId]:
        """Give new memories the intervals of their facts; return which memory says which fact."""
        says: dict[RecordId, RecordId] = {}
        for memory in self._drafts.new():
            says |= {id_: memory.id for id_ in memory.fact_ids if id_ not in says}
        closers = {
            fact.closed_by
            for memory in self._drafts.new()
            for id_ in memory.fact_ids
            if (fact := self._book.held(id_)) and fact.closed_by
        }
        known = says | await self._sayers(closers - says.keys())
        for memory in list(self._drafts.new()):
            facts = {id_: fact for id_ in memory.fact_ids if (fact := self._book.held(id_))}
            if facts:
                settled = followed(memory, {}, facts, known)
                begun = _not_after(settled.valid_from, settled.occurred_at)
                settled = replace(settled, valid_from=begun)
                reason = "new, and ended already" if settled.valid_to else "new"
                self._drafts.add(settled, reason)
        return says

    async def _sayers(self, facts: set[RecordId]) -> dict[RecordId, RecordId]:
        asked = sorted(facts)
        questions = [Find(Memory, (HasAll("fact_ids", (id_,)),), first=1) for id_ in asked]
        pages = await self._store.find(self._access, questions) if questions else []
        return {
            id_: page.records[0].id
            for id_, page in zip(asked, pages, strict=True)
            if page.records and page.records[0].id not in self._drafts.gone
        }

    async def _follow(self, says: Mapping[RecordId, RecordId]) -> None:
        """Let stored memories end, or hold again, with their facts."""
        for was, now in await self._book.followers(says):
            base = self._drafts.now(was)
            if base is None:
                continue
            by = now.superseded_by or self._ender(now)
            if by in self._drafts.gone:
                by = None
            reason = "it holds again"
            if now.valid_to is not None:
                reason = f"it held until {now.valid_to.date().isoformat()}"
            ended = replace(
                base,
                valid_from=now.valid_from,
                valid_to=now.valid_to,
                superseded_by=by,
                fact_ids=self._book.parting.repointed(base).fact_ids,
            )
            self._drafts.change(was, ended, reason)
            if was.valid_to != now.valid_to:
                self._made.append(_Made(Action.UPDATE, was.id, reason))

    def _ender(self, memory: Memory) -> RecordId | None:
        if memory.valid_to is None:
            return None
        enders = (self._enders.get(id_) for id_ in memory.fact_ids)
        return next((id_ for id_ in enders if id_ and id_ != memory.id), None)

    async def _unsound(self) -> list[tuple[Memory, Memory]]:
        """Return the changes that would make a stored memory say what another one says."""
        changes = self._drafts.changed()
        sound = {was.id for was, _ in await unclaimed(self._store, self._access, changes)}
        new = {key for memory in self._drafts.new() for key in memory.natural_keys()}
        return [
            (was, now)
            for was, now in changes
            if was.id not in sound or (set(now.natural_keys()) - set(was.natural_keys())) & new
        ]

    def _judged(self) -> list[Judged]:
        found: list[Judged] = []
        for action, id_, reason in self._made:
            if id_ is None:
                found.append(Judged(action, None, 0, reason))
            elif self._drafts.knows(id_):
                found.append(Judged(action, id_, self._drafts.final(id_).version, reason))
        return found


def _says_the_same(one: Memory, other: Memory) -> bool:
    return one.fingerprint == other.fingerprint and set(one.fact_ids) == set(other.fact_ids)


def _not_after(since: datetime | None, said_at: datetime | None) -> datetime | None:
    """Return since when a memory holds: what is going to happen is true from when it is said.

    It has no end but that of its facts: what has happened stays true afterwards.
    """
    return None if since and said_at and since > said_at else since
