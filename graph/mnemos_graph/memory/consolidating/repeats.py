"""Memories that say what another one says, and arrived apart from it.

Who takes something in looks for that as well. What gets past: two who tell at the same time, files
that are imported, vectors that were away, and entities that only later turned out to be one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mnemos_graph.errors import TryLater
from mnemos_graph.index.question import STOP_WORDS
from mnemos_graph.language.embedder import Embedder, likeness
from mnemos_graph.language.relations import told_with
from mnemos_graph.language.similarity import agree
from mnemos_graph.language.wording import one_thing, says_more
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.facts.families import canonical, family
from mnemos_graph.memory.facts.supports import Supports
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.memory.reading import every
from mnemos_graph.model import (
    Access,
    ChangeKind,
    Fact,
    Memory,
    MemoryType,
    Origin,
    Position,
    RecordId,
)
from mnemos_graph.model.words import fold, words
from mnemos_graph.store import (
    Condition,
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

REASON = "another memory says it already"
ALIKE = 0.9
"""The cosine from which texts of the same words, or other words for the same, say one thing."""
ALIKE_WITH_MORE = 0.95
"""Where one of them says more."""
_LOOKED_AT = 20
_MOST_OF_ONE_FACT = 100
_KEPT_APART = frozenset({MemoryType.WORKING, MemoryType.KNOWLEDGE_VAULT, MemoryType.RESOURCE})

Saying = tuple[RecordId, str, str]
"""What a fact says, merged entities being one: subject, predicate, object or value."""


@dataclass(frozen=True, slots=True)
class Repeat:
    kept: Memory
    gone: Memory


class Repeats:
    def __init__(self, attempts: Attempts, clock: Clock, embedder: Embedder | None) -> None:
        self._attempts = attempts
        self._clock = clock
        self._embedder = embedder

    @property
    def _store(self) -> GraphStore:
        return self._attempts.store

    async def look(self, access: Access, id: RecordId, began: Position) -> bool:
        """Let the memory and one that says the same become one; return whether there was one.

        The one that goes is deleted, so that it can be restored; what was restored is left alone.
        """
        repeat = await self._found(access, id)
        if repeat is None or await self._was_brought_back(access, repeat):
            return False

        async def decide(_: Position) -> Plan[bool]:
            asked = (repeat.kept, repeat.gone)
            now = await self._store.get(access, Memory, [each.id for each in asked])
            if any(now.get(each.id) != each for each in asked):
                return Plan((), lambda _: False)
            operations = await self._joined(access, repeat)
            return Plan(operations, lambda _: True)

        return await self._attempts.carry_out(access, decide, began)

    async def _found(self, access: Access, id: RecordId) -> Repeat | None:
        memory = (await self._store.get(access, Memory, [id])).get(id)
        if memory is None or not _can_be_joined(memory):
            return None
        others = [
            each
            for each in await self._candidates(access, memory)
            if each.id != memory.id and _can_be_joined(each) and _beside(memory, each)
        ]
        if not others:
            return None
        facts = await self._facts_of(access, [memory, *others])
        sayings = await self._sayings(access, facts.values())
        mine = _said(memory, sayings)
        texts: list[Memory] = []
        for other in others:
            said = _said(other, sayings)
            if mine and said == mine and _say_no_more(memory, other, facts):
                return _repeat(memory, other)
            if (not mine or not said or said == mine) and _alike(memory, other):
                texts.append(other)
        return await self._closest(memory, texts)

    async def _candidates(self, access: Access, memory: Memory) -> Sequence[Memory]:
        """Return what has words in common, and what rests on the same facts."""
        own: tuple[Condition, ...] = (
            Equal("user_id", memory.scope.user_id),
            Equal("agent_id", memory.scope.agent_id),
            Present("valid_to", present=False),
        )
        hits = await self._store.search(access, Memory, memory.text, where=own, first=_LOOKED_AT)
        found = {each.id: each for each, _ in hits}
        for id_ in await self._equal_facts(access, memory):
            where = (*own, HasAll("fact_ids", (id_,)))
            (page,) = await self._store.find(access, [Find(Memory, where, first=_MOST_OF_ONE_FACT)])
            found |= {each.id: each for each in page.records}
        return [found[id_] for id_ in sorted(found)]

    async def _equal_facts(self, access: Access, memory: Memory) -> Sequence[RecordId]:
        """Return a memory's first fact, and those that say the same of entities merged into one."""
        facts = await self._facts_of(access, [memory])
        first = next((facts[id_] for id_ in memory.fact_ids if id_ in facts), None)
        if first is None:
            return ()
        subject, predicate, target = (await self._sayings(access, [first]))[first.id]
        where = (
            In("subject_id", await family(self._store, access, subject)),
            Equal("predicate", predicate),
            Equal("user_id", memory.scope.user_id),
            Present("invalidated_at", present=False),
        )
        (page,) = await self._store.find(access, [Find(Fact, where, first=_MOST_OF_ONE_FACT)])
        said = await self._sayings(access, page.records)
        return [id_ for id_, saying in said.items() if saying[2] == target]

    async def _facts_of(
        self, access: Access, memories: Sequence[Memory]
    ) -> Mapping[RecordId, Fact]:
        ids = {id_ for each in memories for id_ in each.fact_ids}
        found = await self._store.get(access, Fact, ids) if ids else {}
        return {id_: each for id_, each in found.items() if each.invalidated_at is None}

    async def _sayings(self, access: Access, facts: Collection[Fact]) -> Mapping[RecordId, Saying]:
        ids = {each.subject_id for each in facts}
        ids |= {each.object_id for each in facts if each.object_id}
        roots = await canonical(self._store, access, ids) if ids else {}

        def root(id: RecordId) -> RecordId:
            return roots[id].id if id in roots else id

        return {
            each.id: (
                root(each.subject_id),
                each.predicate,
                root(each.object_id) if each.object_id else f"={fold(each.value or '')}",
            )
            for each in facts
        }

    async def _closest(self, memory: Memory, others: Sequence[Memory]) -> Repeat | None:
        if not others:
            return None
        closeness = await self._closeness(memory.text, [each.text for each in others])
        near = [
            (close, each)
            for close, each in zip(closeness, others, strict=True)
            if close >= _needed(memory.text, each.text)
        ]
        if not near:
            return None
        _, other = max(near, key=lambda pair: (pair[0], pair[1].id))
        return _repeat(memory, other)

    async def _closeness(self, text: str, others: Sequence[str]) -> list[float]:
        """Return how close texts are; without vectors only the same words are close."""
        same = [float(sorted(words(text)) == sorted(words(other))) for other in others]
        if self._embedder is None:
            return same
        try:
            mine, *theirs = await self._embedder.embed([text, *others])
        except TryLater:
            return same
        return [likeness(mine, each) for each in theirs]

    async def _was_brought_back(self, access: Access, repeat: Repeat) -> bool:
        both = (repeat.kept, repeat.gone)
        refs = [
            VersionRef(each.id, number) for each in both for number in range(1, each.version + 1)
        ]
        versions = await self._store.versions(access, Memory, refs)
        return any(
            each.kind is ChangeKind.DELETED and each.reason == REASON for each in versions.values()
        )

    async def _joined(self, access: Access, repeat: Repeat) -> tuple[Operation, ...]:
        kept, gone, now = repeat.kept, repeat.gone, self._clock()
        supports = Supports(self._store, access, now)
        for each in (kept, gone):
            await supports.guard(each.scope, each.id)
        for telling in await supports.of(gone.id):
            await supports.move(telling, kept.id)
        after = replace(
            kept,
            valid_from=_earlier(kept.valid_from, gone.valid_from),
            importance=max(kept.importance, gone.importance),
            tags=_both(kept.tags, gone.tags),
            sources=_both(kept.sources, gone.sources),
            entity_ids=_both(kept.entity_ids, gone.entity_ids),
            fact_ids=_both(kept.fact_ids, gone.fact_ids),
            version=kept.version + 1,
            updated_at=now,
        )
        pointing = (Equal("superseded_by", gone.id), Equal("user_id", gone.scope.user_id))
        superseded = await every(self._store, access, Find(Memory, pointing))
        return (
            Put(after, "it was said in other words as well"),
            Delete(Memory.KIND, gone.id, gone.version, REASON),
            *(
                Put(_superseded_by(each, kept.id, now), "what superseded it is another memory now")
                for each in superseded
                if each.id != kept.id
            ),
            *supports.operations(),
        )


def _said(memory: Memory, sayings: Mapping[RecordId, Saying]) -> frozenset[Saying]:
    return frozenset(sayings[id_] for id_ in memory.fact_ids if id_ in sayings)


def _can_be_joined(memory: Memory) -> bool:
    """Whether a memory was derived, and holds, and nobody wants it to stay as it is."""
    return (
        memory.origin is Origin.INFERRED
        and memory.valid_to is None
        and memory.expires_at is None
        and not memory.pinned
        and memory.type not in _KEPT_APART
    )


def _beside(one: Memory, other: Memory) -> bool:
    """Whether two memories could be one by where they belong, and by what else is known of them."""
    if one.type is MemoryType.EPISODIC and one.occurred_at != other.occurred_at:
        return False
    return (
        one.scope.user_id == other.scope.user_id
        and one.scope.agent_id == other.scope.agent_id
        and one.type is other.type
        and one.speaker == other.speaker
        and one.metadata == other.metadata
    )


def _alike(one: Memory, other: Memory) -> bool:
    return one.valid_from == other.valid_from and one_thing(one.text, other.text)


def _say_no_more(one: Memory, other: Memory, facts: Mapping[RecordId, Fact]) -> bool:
    """Whether one of two memories that state the same says nothing that the other does not."""
    stated = [facts[id_] for each in (one, other) for id_ in each.fact_ids if id_ in facts]
    known = set(words(" ".join(each.statement for each in stated))) | STOP_WORDS
    known |= set(words(told_with(each.predicate for each in stated)))
    mine, theirs = set(words(one.text)) - known, set(words(other.text)) - known
    return agree(one.text, other.text) and (mine <= theirs or theirs <= mine)


def _needed(one: str, other: str) -> float:
    more = says_more(one, other) or says_more(other, one)
    return ALIKE_WITH_MORE if more else ALIKE


def _repeat(one: Memory, other: Memory) -> Repeat:
    """Return which of two that say the same stays: what states facts, says more, is older."""
    older, newer = sorted((one, other), key=lambda each: (each.created_at, each.id))
    if bool(older.fact_ids) != bool(newer.fact_ids):
        return Repeat(older, newer) if older.fact_ids else Repeat(newer, older)
    return Repeat(newer, older) if says_more(newer.text, older.text) else Repeat(older, newer)


def _superseded_by(memory: Memory, by: RecordId, now: datetime) -> Memory:
    return replace(memory, superseded_by=by, version=memory.version + 1, updated_at=now)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return since when either holds; None: since ever, as far as is known."""
    return min(one, other) if one and other else None


def _both(one: Sequence[str], other: Sequence[str]) -> tuple[RecordId, ...]:
    return tuple(dict.fromkeys((*map(RecordId, one), *map(RecordId, other))))
