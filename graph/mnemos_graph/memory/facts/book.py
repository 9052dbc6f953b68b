"""A book of facts: the lines that one decision reads, as it leaves them.

Everything that adds, ends, invalidates or moves facts opens a book, changes facts in it, and
commits what ``operations`` returns, in one change set. Latches in it let two decisions about one
subject notice each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from mnemos_graph.language.relations import single_valued
from mnemos_graph.memory.facts.families import canonical, family
from mnemos_graph.memory.facts.following import followed, lasting
from mnemos_graph.memory.facts.latches import Latches
from mnemos_graph.memory.facts.lines import (
    own_target,
    place,
    preceding,
    recompute,
    said_already,
    supported,
)
from mnemos_graph.memory.facts.news import overruled
from mnemos_graph.memory.facts.parting import Parting
from mnemos_graph.memory.facts.supports import Supports
from mnemos_graph.memory.reading import every
from mnemos_graph.memory.records.claims import unclaimed
from mnemos_graph.model import (
    Access,
    Fact,
    Memory,
    Origin,
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
)


class LineKey(NamedTuple):
    """One line: facts contradict each other within a partition and agent."""

    user_id: str | None
    agent_id: str | None
    subject_id: RecordId
    """Of the entity that all merged ones stand for."""
    predicate: str


@dataclass(frozen=True, slots=True)
class Told:
    """What telling a fact came to."""

    fact: Fact
    """The fact as it now is: the one told, or the one that said so already."""
    closed: tuple[Fact, ...]
    """The facts that it ended."""


class Book:
    def __init__(self, store: GraphStore, access: Access, now: datetime) -> None:
        self._store = store
        self._access = access
        self._now = now
        self._before: dict[RecordId, Fact] = {}
        self._facts: dict[RecordId, Fact] = {}
        self._lines: dict[LineKey, set[RecordId]] = {}
        self._roots: dict[RecordId, RecordId] = {}
        self._latches = Latches(store, access, now)
        self._regrouped = False
        self.supports = Supports(store, access, now)
        self.parting = Parting(self.supports, now)

    async def tell(self, fact: Fact, told: datetime | None = None) -> Told:
        """Add a fact to its line, or its support to the fact that says so already.

        A fact that an episode says has ended comes with ``ended_at`` and ``ended_by``. ``told``:
        when somebody said so, so that a dated fact can be news to undated ones.
        """
        said = await self.says(fact)
        key = await self._open(fact)
        line = self._lines[key]
        if said is not None:
            self._facts[said.id] = await self._again(said, fact)
            if fact.ended_at is not None:
                await self._part(key, self._facts[said.id], fact.ended_at)
            self._settle(key)
            return Told(self._facts[said.id], closed=())
        self._facts[fact.id] = fact
        line.add(fact.id)
        await self._make_room(key, fact)
        if told is not None and single_valued(fact.predicate):
            held = [self._facts[id_] for id_ in line]
            self._facts |= {each.id: each for each in overruled(held, fact, told, self._target)}
        self._settle(key)
        others = (self._facts[id_] for id_ in sorted(line))
        closed = tuple(each for each in others if each.closed_by == fact.id)
        return Told(self._facts[fact.id], closed=closed)

    async def says(self, fact: Fact) -> Fact | None:
        """Return the fact that says already what ``fact`` would say, as it is now."""
        if fact.object_id:
            await self._learn_roots({fact.object_id})
        single = single_valued(fact.predicate)
        line = await self.line(fact)
        said = said_already(line, fact, single=single, target=self._target)
        if said is None or place(said)[0] <= place(fact)[0]:
            return said
        before = preceding(line, fact, single=single, target=self._target)
        return None if await self.parting.is_parted_at(before, place(fact)[0]) else said

    async def line(self, fact: Fact) -> tuple[Fact, ...]:
        """Return the facts of the line in which ``fact`` stands or would stand, by id."""
        key = await self._open(fact)
        return tuple(self._facts[id_] for id_ in sorted(self._lines[key]))

    def alike(self, one: Fact, other: Fact) -> bool:
        """Return whether two facts of lines that are open say the same of their subject."""
        return self._target(one) == self._target(other)

    def held(self, id: RecordId) -> Fact | None:
        """Return a fact as it is now, if its line is open."""
        return self._facts.get(id)

    async def change(self, fact: Fact) -> Fact:
        """Take a fact as changed by its caller, and its line with it; return it as it comes out."""
        key = await self._open(fact)
        if fact.id not in self._lines[key]:
            (held,) = (await self._store.get(self._access, Fact, [fact.id])).values()
            self._before[fact.id] = held
            self._lines[key].add(fact.id)
        version = self._before[fact.id].version if fact.id in self._before else 1
        self._facts[fact.id] = replace(fact, version=version)
        self._settle(key)
        return self._facts[fact.id]

    async def regroup(self, user_id: str | None, roots: Mapping[RecordId, RecordId]) -> None:
        """Compute all lines of some entities of a user as they are with the roots that are given.

        The latches of all of them are in the set, whether a fact changes or not: nobody else can
        decide meanwhile which entity stands for which.
        """
        await self._latches.take({(user_id, id_) for id_ in roots}, about=roots)
        where = (In("subject_id", tuple(roots)), Present("invalidated_at", present=False))
        found = await every(self._store, self._access, Find(Fact, where))
        await self._learn_roots({each.object_id for each in found if each.object_id})
        self._roots |= roots
        self._regrouped = True
        for fact in found:
            self._before.setdefault(fact.id, fact)
            self._facts.setdefault(fact.id, fact)
            self._lines.setdefault(self._key(fact), set()).add(fact.id)
        for key in self._lines:
            self._settle(key)

    async def operations(
        self, says: Mapping[RecordId, RecordId] | None = None
    ) -> tuple[Operation, ...]:
        """Return what is to be written: facts, latches, and the memories that rest on the facts.

        Whoever changes memories in the same set takes ``written_facts``, ``followers`` and
        ``orphans`` apart.
        """
        memories = await self.followers(says)
        orphans = await self.orphans()
        copies = await self._copies(says or {})
        return (
            *self.written_facts(),
            *(Put(memory, "follows its fact") for _, memory in memories),
            *(Put(memory, "told again, after something else") for memory in copies),
            *(
                Delete(RecordKind.MEMORY, each.id, each.version, "its facts were never so")
                for each in orphans
            ),
        )

    def written_facts(self) -> tuple[Operation, ...]:
        """Return the facts that are new or changed, who else told them, and their latches."""
        facts, supports = [Put(each) for each in self.changed()], self.supports.operations()
        if not facts and not supports and not self._regrouped:
            return ()
        return (*facts, *supports, *self._latches.operations())

    def changed(self) -> tuple[Fact, ...]:
        """Return the facts that are new or not as they were, each under its next version."""
        found: list[Fact] = []
        for id_, fact in self._facts.items():
            before = self._before.get(id_)
            if before is None:
                found.append(fact)
            elif fact != before:
                found.append(replace(fact, version=before.version + 1, updated_at=self._now))
        return tuple(found)

    def final(self, fact: Fact) -> Fact:
        """Return a fact as ``operations`` writes it, or as it is where nothing is written."""
        return next((each for each in self.changed() if each.id == fact.id), self._facts[fact.id])

    async def followers(
        self, says: Mapping[RecordId, RecordId] | None = None
    ) -> tuple[tuple[Memory, Memory], ...]:
        """Return the memories that end, or hold again, with their facts: (as it was, as it is).

        ``says`` names, for facts that end others, the memory that says so; for those that are not
        in it, the memories that are kept are asked. The second is under its next version.
        """
        changed = [each for each in self.changed() if each.id in self._before]
        closers = {each.closed_by for each in changed if each.closed_by}
        resting = await self._resting({each.id for each in changed} | closers)
        known = {fact: each.id for each in resting for fact in each.fact_ids} | dict(says or {})
        facts = {id_ for each in resting for id_ in each.fact_ids}
        missing = facts - self._facts.keys()
        others = dict(await self._store.get(self._access, Fact, missing))
        before, after = others | self._before, others | self._facts
        found = [(each, self._followed(each, before, after, known)) for each in resting]
        changes = [
            (was, replace(now, version=was.version + 1, updated_at=self._now))
            for was, now in found
            if was != now
        ]
        return tuple(await unclaimed(self._store, self._access, changes))

    async def orphans(self) -> tuple[Memory, ...]:
        """Return the inferred memories all of whose facts are invalid, one of them from now on."""
        invalid = {each.id for each in self.changed() if each.invalidated_at is not None}
        resting = [each for each in await self._resting(invalid) if each.origin is Origin.INFERRED]
        others = {id_ for each in resting for id_ in each.fact_ids} - invalid
        kept = dict(await self._store.get(self._access, Fact, others)) | self._facts
        return tuple(
            each
            for each in resting
            if all(id_ in kept and kept[id_].invalidated_at is not None for id_ in each.fact_ids)
        )

    async def resting_on_parted(self) -> list[Memory]:
        """Return the stored memories that rest on facts that were told again later."""
        parted = {each.fact for each in self.parting.parted}
        found = await self._resting(parted) if parted else []
        return [each for each in found if each.origin is Origin.INFERRED]

    async def _copies(self, says: Mapping[RecordId, RecordId]) -> list[Memory]:
        found: list[Memory] = []
        for memory in await self.resting_on_parted():
            for copy, tellings in await self.parting.copies(memory):
                await self.parting.hand_over(copy, tellings)
                found.append(followed(copy, {}, self._facts, says))
        return found

    def _followed(
        self,
        memory: Memory,
        before: Mapping[RecordId, Fact],
        after: Mapping[RecordId, Fact],
        says: Mapping[RecordId, RecordId],
    ) -> Memory:
        moved = self.parting.repointed(memory)
        standing = {
            was: after[now]
            for was, now in zip(memory.fact_ids, moved.fact_ids, strict=False)
            if was != now
        }
        known = {**after, **standing}
        was, now = (
            {id_: lasting(facts[id_], facts, self._target) for id_ in asked if id_ in facts}
            for asked, facts in (
                (memory.fact_ids, before),
                ({*memory.fact_ids, *moved.fact_ids}, known),
            )
        )
        return replace(followed(memory, was, now, says), fact_ids=moved.fact_ids)

    async def _again(self, said: Fact, again: Fact) -> Fact:
        """Return a fact with one more telling, which is kept beside it or is its beginning."""
        at, known_at = place(again)[0], place(said)[0]
        dates = again.told_at is None and said.told_at is not None
        known = {*said.sources, *([None] if said.asserted and not said.sources else [])}
        by = {*again.sources, *([None] if again.asserted else [])}
        stronger = supported(said, again)
        if at < known_at or dates:
            for source in known - by:
                await self.supports.add(said.scope, said.id, source, known_at)
            return replace(
                stronger,
                valid_from=again.valid_from,
                told_at=again.told_at,
                sources=again.sources,
            )
        for source in by - known:
            if source is not None or again.told_at is not None or not said.asserted:
                await self.supports.add(said.scope, said.id, source, at)
        return stronger

    async def _make_room(self, key: LineKey, fact: Fact) -> None:
        """Part what was told before and behind a new fact, which lies in between."""
        line = [self._facts[id_] for id_ in self._lines[key]]
        single = single_valued(key.predicate)
        before = preceding(line, fact, single=single, target=self._target)
        if before is not None:
            into = fact if self.alike(before, fact) else None
            await self._part(key, before, place(fact)[0], into)
        if fact.ended_at is not None:
            await self._part(key, fact, fact.ended_at)

    async def _part(self, key: LineKey, fact: Fact, at: datetime, into: Fact | None = None) -> None:
        for each in await self.parting.part(fact, at, into):
            self._facts[each.id] = each
            self._lines[key].add(each.id)

    async def _resting(self, facts: Iterable[RecordId]) -> list[Memory]:
        questions = [Find(Memory, (HasAll("fact_ids", (id_,)),), first=1_000) for id_ in facts]
        pages = await self._store.find(self._access, questions) if questions else []
        found = {each.id: each for page in pages for each in page.records}
        return [found[id_] for id_ in sorted(found)]

    async def _open(self, fact: Fact) -> LineKey:
        key = await self._latched(fact)
        if key in self._lines:
            return key
        subjects = await family(self._store, self._access, key.subject_id)
        question = Find(
            Fact,
            (
                In("subject_id", subjects),
                Equal("predicate", key.predicate),
                Equal("user_id", key.user_id),
                Equal("agent_id", key.agent_id),
                Present("invalidated_at", present=False),
            ),
        )
        line = await every(self._store, self._access, question)
        await self._learn_roots({each.object_id for each in line if each.object_id})
        self._roots |= dict.fromkeys(subjects, key.subject_id)
        for each in line:
            self._before[each.id] = each
            self._facts[each.id] = each
        self._lines[key] = {each.id for each in line}
        return key

    async def _latched(self, fact: Fact) -> LineKey:
        """Return a fact's line, latched unless it is open.

        Latched before it is read, so that whoever adds to the line from here on is noticed, and
        asked again then whose line it is: it may have been merged in between.
        """
        await self._learn_roots({fact.subject_id})
        while (key := self._key(fact)) not in self._lines:
            await self._latches.take({(key.user_id, key.subject_id)})
            found = await canonical(self._store, self._access, {key.subject_id})
            root = found[key.subject_id].id if key.subject_id in found else key.subject_id
            if root == key.subject_id:
                break
            self._roots |= {fact.subject_id: root, key.subject_id: root}
        return key

    def _key(self, fact: Fact) -> LineKey:
        subject = self._roots.get(fact.subject_id, fact.subject_id)
        return LineKey(fact.scope.user_id, fact.scope.agent_id, subject, fact.predicate)

    def _settle(self, key: LineKey) -> None:
        line = (self._facts[id_] for id_ in self._lines[key])
        for fact in recompute(line, single=single_valued(key.predicate), target=self._target):
            self._facts[fact.id] = fact

    def _target(self, fact: Fact) -> str:
        if fact.object_id is None:
            return own_target(fact)
        return f"@{self._roots.get(fact.object_id, fact.object_id)}"

    async def _learn_roots(self, ids: Collection[RecordId]) -> None:
        unknown = set(ids) - self._roots.keys()
        if unknown:
            found = await canonical(self._store, self._access, unknown)
            self._roots |= {id_: found[id_].id if id_ in found else id_ for id_ in unknown}
