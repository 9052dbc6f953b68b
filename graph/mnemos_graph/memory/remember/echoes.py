"""Mnemos' own sentences that come back in what people say, as where a context was pasted.

What it recalled is told about people by name, and says nothing new: neither is it a memory of its
own, nor does it count as said once more. Whoever tells something themselves says "I", or says it in
words that nobody gave them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mnemos_graph.language.extractor import CandidateMemory
from mnemos_graph.memory.remember.drafts import Drafts
from mnemos_graph.memory.remember.statements import Stated
from mnemos_graph.model import Access, Episode, Fact, Memory, Origin, RecordId, Scope
from mnemos_graph.model.words import fingerprint
from mnemos_graph.store import Condition, Equal, Find, GraphStore, In, Present

_ONESELF = re.compile(r"\b(?:i|me|my|mine|we|us|our|ours)\b", re.IGNORECASE)
_LOOKED_AT = 50
"""Facts of those who are named."""


class Echoes:
    """Looks among what is known of one partition and agent."""

    def __init__(self, store: GraphStore, access: Access, scope: Scope, drafts: Drafts) -> None:
        self._store = store
        self._access = access
        self._drafts = drafts
        self._own: tuple[Condition, ...] = (
            Equal("user_id", scope.user_id),
            Equal("agent_id", scope.agent_id),
        )

    async def of_memory(self, candidate: CandidateMemory) -> Memory | None:
        """Return the memory whose text stands there word for word, and was made into another."""
        mark = fingerprint(candidate.quote)
        if _ONESELF.search(candidate.quote) or mark == fingerprint(candidate.text):
            return None
        where = (*self._own, Equal("fingerprint", mark))
        (page,) = await self._store.find(self._access, [Find(Memory, where)])
        known = [each for stored in page.records if (each := self._drafts.now(stored))]
        made = [each for each in known if each.origin is Origin.INFERRED]
        return min(made, key=lambda each: each.id, default=None)

    async def of_statement(
        self,
        candidate: CandidateMemory,
        stated: Sequence[Stated],
        entities: Sequence[RecordId],
        episode: Episode,
    ) -> bool:
        """Return whether it is word for word how a fact is stated that was known before."""
        if _ONESELF.search(candidate.quote) or not entities:
            return False
        mark = fingerprint(candidate.quote)
        before = [each.fact for each in stated if episode.id not in each.fact.sources]
        if any(fingerprint(each.statement) == mark for each in before):
            return True
        named, sound = tuple(dict.fromkeys(entities)), Present("invalidated_at", present=False)
        questions = [
            Find(Fact, (*self._own, In(end, named), sound), first=_LOOKED_AT)
            for end in ("subject_id", "object_id")
        ]
        pages = await self._store.find(self._access, questions)
        known = [each for page in pages for each in page.records]
        return any(fingerprint(each.statement) == mark for each in known)
