"""Recognises memories near a text, by the score that recall gives them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from mnemos_graph.index.comparing import Signal
from mnemos_graph.memory.recall.asking import MOST_HITS, Question
from mnemos_graph.memory.recall.recall import Hit, Recall
from mnemos_graph.memory.recall.turns import Turns
from mnemos_graph.memory.watching.appearing import Appeared
from mnemos_graph.memory.watching.asking import Watched
from mnemos_graph.model import Access, Memory, RecordId

_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds that a memory's vector is given to come after the memory, one wait behind the other."""


class NearText:
    """Memories with at least this score, against all that the scope has when they are looked at."""

    def __init__(
        self,
        recall: Recall,
        turns: Turns,
        access: Access,
        watched: Watched,
    ) -> None:
        self._recall = recall
        self._access = access
        self._turns = turns
        self._scope = watched.scope
        self._text = watched.text or ""
        self._min_score = watched.min_score

    async def sees(self, appeared: Sequence[Appeared]) -> Mapping[int, float | None]:
        new = {
            each.record.id: place
            for place, each in enumerate(appeared)
            if isinstance(each.record, Memory) and each.is_new
        }
        scores: dict[RecordId, float] = {}
        ids = list(new)
        for start in range(0, len(ids), MOST_HITS):
            scores |= await self._scores(frozenset(ids[start : start + MOST_HITS]))
        return {new[id_]: score for id_, score in scores.items() if score >= self._min_score}

    async def _scores(self, ids: frozenset[RecordId]) -> Mapping[RecordId, float]:
        await self._turns.take()
        hits = await self._hits(ids)
        for wait in _WAITS:
            if not any(map(_lacks_vector, hits)):
                break
            await asyncio.sleep(wait)
            hits = await self._hits(ids)
        return {hit.memory.id: hit.score for hit in hits}

    async def _hits(self, ids: frozenset[RecordId]) -> Sequence[Hit]:
        question = Question(text=self._text, scope=self._scope, among=ids, limit=len(ids))
        return (await self._recall.recall(self._access, question)).hits


def _lacks_vector(hit: Hit) -> bool:
    return any(each.signal is Signal.VECTOR and each.rank is None for each in hit.explanation)
