"""Whether a memory says already what is to be remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mnemos_graph.errors import TryLater
from mnemos_graph.index.question import STOP_WORDS
from mnemos_graph.language.embedder import Embedder, likeness
from mnemos_graph.language.relations import single_valued, told_with
from mnemos_graph.language.similarity import agree
from mnemos_graph.language.wording import one_thing
from mnemos_graph.memory.facts.book import Book
from mnemos_graph.memory.facts.following import end_of
from mnemos_graph.memory.remember.drafts import Drafts
from mnemos_graph.model import Access, Memory, MemoryType, Origin, RecordId, Scope
from mnemos_graph.model.words import fingerprint, words
from mnemos_graph.store import Condition, Equal, Find, GraphStore, HasAll, Present

NEAR = 0.95
"""The cosine from which two texts can say the same."""
_LOOKED_AT = 20
"""Memories with the most words in common, of which a near duplicate is one."""
_SHARED = 0.4
"""Of the words of two texts; with fewer in common their vectors are never that close."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be remembered, as far as duplicates go."""

    text: str
    facts: frozenset[RecordId]
    entities: frozenset[RecordId]
    holds: bool
    """Whether it goes on holding, as far as is known; what has ended is no duplicate of it."""


class Duplicates:
    """Looks among the memories of one partition and agent, and among those just decided."""

    def __init__(
        self,
        store: GraphStore,
        access: Access,
        scope: Scope,
        *,
        drafts: Drafts,
        book: Book,
        embedder: Embedder | None,
    ) -> None:
        self._store = store
        self._access = access
        self._drafts = drafts
        self._book = book
        self._embedder = embedder
        self._own: tuple[Condition, ...] = (
            Equal("user_id", scope.user_id),
            Equal("agent_id", scope.agent_id),
        )

    async def exact(self, wanted: Wanted) -> Memory | None:
        """Return the memory that says it in the same words, of the same facts or still."""
        mark = fingerprint(wanted.text)
        where = (*self._own, Equal("fingerprint", mark))
        (page,) = await self._store.find(self._access, [Find(Memory, where)])
        known = [each for stored in page.records if (each := self._drafts.now(stored))]
        known += [each for each in self._drafts.new() if each.fingerprint == mark]
        said = [
            each
            for each in known
            if each.fingerprint == mark and _lasts(each) and self._still(each, wanted)
        ]
        return min(
            said, key=lambda each: (each.origin is not Origin.INFERRED, each.id), default=None
        )

    async def near(self, wanted: Wanted) -> Memory | None:
        """Return the inferred memory that says it in almost the same words, and holds.

        Or in other words that say the same facts and nothing else: of "I work at Acme" and "my
        employer is Acme" one is enough.
        """
        if not wanted.holds:
            return None
        if wanted.facts and (same := await self._of_the_same_facts(wanted)):
            return same
        holding = (*self._own, Present("valid_to", present=False))
        hits = await self._store.search(
            self._access, Memory, wanted.text, where=holding, first=_LOOKED_AT
        )
        known = [each for stored, _ in hits if (each := self._drafts.now(stored))]
        known += [each for each in self._drafts.new() if each.valid_to is None]
        can_be = [each for each in known if _can_be(each, wanted) and self._holds(each)]
        if not can_be:
            return None
        close = await self._closeness(wanted.text, [each.text for each in can_be])
        best = max(zip(close, can_be, strict=True), key=lambda pair: (pair[0], pair[1].id))
        return best[1] if best[0] >= NEAR else None

    async def _of_the_same_facts(self, wanted: Wanted) -> Memory | None:
        where = (
            *self._own,
            HasAll("fact_ids", tuple(sorted(wanted.facts))),
            Present("valid_to", present=False),
        )
        (page,) = await self._store.find(self._access, [Find(Memory, where, first=_LOOKED_AT)])
        known = [each for stored in page.records if (each := self._drafts.now(stored))]
        known += [each for each in self._drafts.new() if each.valid_to is None]
        mine = self._besides(wanted.text, wanted.facts)
        for each in sorted(known, key=lambda memory: memory.id):
            theirs = self._besides(each.text, wanted.facts)
            if (
                each.origin is Origin.INFERRED
                and set(each.fact_ids) == wanted.facts
                and (mine <= theirs or theirs <= mine)
                and self._holds(each)
                and agree(each.text, wanted.text)
            ):
                return each
        return None

    def adds_detail(self, wanted: Wanted, known: Memory) -> bool:
        """Return whether it says more than the near duplicate that is known."""
        if wanted.facts and set(known.fact_ids) == wanted.facts:
            mine, theirs = (self._besides(text, wanted.facts) for text in (wanted.text, known.text))
            if mine <= theirs or theirs <= mine:
                return mine > theirs
        return _has_more_words(wanted.text, known.text)

    def _besides(self, text: str, facts: frozenset[RecordId]) -> set[str]:
        """Return the words that say something else than the facts."""
        stated = [fact for id_ in facts if (fact := self._book.held(id_))]
        said = [*(each.statement for each in stated), told_with(each.predicate for each in stated)]
        return set(words(text)) - set(words(" ".join(said))) - STOP_WORDS

    async def _closeness(self, text: str, others: Sequence[str]) -> list[float]:
        same = [float(sorted(words(text)) == sorted(words(other))) for other in others]
        if self._embedder is None or max(same) == 1.0:
            return same
        try:
            mine, *theirs = await self._embedder.embed([text, *others])
        except TryLater:
            return same
        return [likeness(mine, each) for each in theirs]

    def _still(self, memory: Memory, wanted: Wanted) -> bool:
        if wanted.facts and wanted.facts == set(memory.fact_ids):
            return True
        return wanted.holds and memory.valid_to is None and self._holds(memory)

    def _holds(self, memory: Memory) -> bool:
        """Return whether a memory without an end keeps none by what was decided of its facts."""
        known = [fact for id_ in memory.fact_ids if (fact := self._book.held(id_))]
        if len(known) < len(memory.fact_ids):
            known = [fact for fact in known if single_valued(fact.predicate)]
        return end_of(known) is None


def _lasts(memory: Memory) -> bool:
    """Whether what it says is known for good by it: not where it ends by itself, or is a secret."""
    if memory.origin is Origin.INFERRED:
        return True
    return memory.expires_at is None and memory.type is not MemoryType.KNOWLEDGE_VAULT


def _can_be(memory: Memory, wanted: Wanted) -> bool:
    one, other = set(words(memory.told)), set(words(wanted.text))
    facts, entities = set(memory.fact_ids), set(memory.entity_ids)
    return (
        memory.origin is Origin.INFERRED
        and len(one & other) >= _SHARED * len(one | other)
        and (not facts or not wanted.facts or facts == wanted.facts)
        and (entities <= wanted.entities or wanted.entities <= entities)
        and one_thing(memory.text, wanted.text)
    )


def _has_more_words(text: str, known: str) -> bool:
    new, old = set(words(text)), set(words(known))
    return len(new - old) > len(old - new)
