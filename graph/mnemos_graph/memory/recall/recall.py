"""Recall: the memories that answer a question best, each with what spoke for it."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from mnemos_graph.index.comparing import Signal
from mnemos_graph.index.ranking import WEIGHTS, Asked, Ranked, Ranking
from mnemos_graph.index.shelf import Shelf
from mnemos_graph.index.within import Within
from mnemos_graph.language.embedder import Embedder
from mnemos_graph.language.token_embedder import TokenEmbedder
from mnemos_graph.memory.indexing.collecting import Collecting
from mnemos_graph.memory.indexing.makers import Makers
from mnemos_graph.memory.recall.asking import Question, Strategy, checked
from mnemos_graph.memory.recall.naming import named
from mnemos_graph.memory.recall.query_vectors import QueryVectors, query_vectors
from mnemos_graph.memory.recall.reaching import Reached, reach
from mnemos_graph.memory.recall.relevance import CURVES, SECOND_CURVE, Curve, SignalScore, explained
from mnemos_graph.memory.recall.sight import Sight, fetch, rank_parts, sight
from mnemos_graph.memory.recall.when import when
from mnemos_graph.memory.recall.wide import rank_widely
from mnemos_graph.memory.scopes import WeightedScope, within
from mnemos_graph.model import Access, Memory, OrganizationId, Position
from mnemos_graph.model.words import fold
from mnemos_graph.store import GraphStore

_ALWAYS = (Signal.RECENCY, Signal.IMPORTANCE)
_WORDS = (Signal.TEXT, Signal.SESSION, Signal.SPEAKER, Signal.EXACT, Signal.TIME)
SIGNALS: Mapping[Strategy, tuple[Signal, ...]] = {
    Strategy.HYBRID: (*_WORDS, Signal.VECTOR, Signal.GRAPH, *_ALWAYS),
    Strategy.TEXT: (*_WORDS, *_ALWAYS),
    Strategy.VECTOR: (Signal.VECTOR, *_ALWAYS),
    Strategy.GRAPH: (Signal.GRAPH, *_ALWAYS),
}
_NEEDS: Mapping[Strategy, Signal | None] = {
    Strategy.HYBRID: None,
    Strategy.TEXT: Signal.TEXT,
    Strategy.VECTOR: Signal.VECTOR,
    Strategy.GRAPH: Signal.GRAPH,
}
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Hit:
    memory: Memory
    score: float
    """0 to 1: an estimate of the chance that it is relevant, comparable between results."""
    explanation: tuple[SignalScore, ...]


@dataclass(frozen=True, slots=True)
class Recalled:
    hits: tuple[Hit, ...]
    """The best first."""
    took_ms: float
    position: Position
    """Every change up to here was visible."""
    degraded: tuple[Signal, ...]
    """What could not take part."""


class Means(NamedTuple):
    """What a question is asked with: all of one generation, so that only like is compared."""

    embedder: Embedder | None
    shelf: Shelf
    collecting: Collecting | None


class Recall:
    """Recall over the indexes of a shelf.

    Args:
        embedder: makes vectors of questions; ``collecting``: has those of memories, for wide ones.
        makers: has several of both, in place of these, of which each organization needs one.
        rerank: whether the best are looked at again token by token, where the embedder has them.
    """

    def __init__(
        self,
        store: GraphStore,
        shelf: Shelf,
        embedder: Embedder | None,
        clock: Callable[[], datetime],
        collecting: Collecting | None = None,
        *,
        makers: Makers | None = None,
        rerank: bool = True,
    ) -> None:
        self._store = store
        self._clock = clock
        self._means = Means(embedder, shelf, collecting)
        self._makers = makers
        self._rerank = rerank

    async def means(self, organization: OrganizationId) -> Means:
        """Return what the organization is asked with now.

        Raises:
            Unavailable: the store cannot be read.
        """
        if self._makers is None:
            return self._means
        maker = await self._makers.asking(organization)
        shelf = self._means.shelf.speaking(maker.generations)
        return Means(maker.embedder, shelf, maker.collecting)

    async def recall(self, access: Access, question: Question) -> Recalled:
        """Return up to ``limit`` memories, as many as match; never one that a condition excludes.

        Raises:
            BadInput: a part of the question makes no sense; the message says which.
            TooMuch: a part of it is beyond its limit.
            Unavailable: the store cannot be read.
        """
        began = time.perf_counter()
        now = self._clock()
        seen = await sight(self._store, access, checked(question), now)
        means = await self.means(access.organization)
        times = when(question.text, question.query.as_of or now)
        vectors, reached, naming = await asyncio.gather(
            self._vectors(question, seen, means),
            self._reached(seen, question),
            named(self._store, seen, times.rest),
        )
        asked = replace(_asked(question, vectors, reached), named=naming, periods=times.periods)
        for _ in range(_ATTEMPTS):
            ranking, position = await self._rank(seen, asked, means)
            memories = await fetch(self._store, seen, [each.ref.id for each in ranking.best])
            if len(memories) == len(ranking.best):
                break
        least, curve = question.min_score or 0.0, _curve(question.strategy, vectors)
        curve = SECOND_CURVE if ranking.reranked else curve
        hits = (
            _hit(each, memories[each.ref.id], curve, ranking)
            for each in ranking.best
            if each.ref.id in memories
        )
        return Recalled(
            tuple(hit for hit in hits if hit.score >= least),
            (time.perf_counter() - began) * 1_000,
            position,
            self._degraded(question.strategy, seen, means, vectors, ranking),
        )

    async def _vectors(self, question: Question, seen: Sight, means: Means) -> QueryVectors:
        if Signal.VECTOR not in SIGNALS[question.strategy]:
            return QueryVectors()
        again = self._looks_again(question.strategy, seen, means)
        return await query_vectors(means.embedder, question.text, tokens=again)

    def _looks_again(self, strategy: Strategy, seen: Sight, means: Means) -> bool:
        """Return whether a second look belongs to the answer: not where a whole organization is asked."""
        can = self._rerank and isinstance(means.embedder, TokenEmbedder)
        return can and strategy is Strategy.HYBRID and seen.partitions is not None

    async def _reached(self, seen: Sight, question: Question) -> Reached:
        if Signal.GRAPH not in SIGNALS[question.strategy]:
            return Reached()
        return await reach(self._store, seen.access, question, seen.view)

    def _degraded(
        self,
        strategy: Strategy,
        seen: Sight,
        means: Means,
        vectors: QueryVectors,
        ranking: Ranking,
    ) -> tuple[Signal, ...]:
        if Signal.VECTOR not in SIGNALS[strategy]:
            return ()
        missing = {
            Signal.VECTOR: vectors.whole is None or ranking.vectors_missing,
            Signal.RERANK: self._looks_again(strategy, seen, means)
            and (vectors.tokens is None or ranking.tokens_missing),
        }
        return tuple(signal for signal, is_missing in missing.items() if is_missing)

    async def _rank(self, seen: Sight, asked: Asked, means: Means) -> tuple[Ranking, Position]:
        if seen.partitions is None:
            return await rank_widely(self._store, means.shelf, means.collecting, seen, asked)
        return await rank_parts(self._store, means.shelf, seen, seen.partitions, asked)


def _asked(question: Question, vectors: QueryVectors, reached: Reached) -> Asked:
    possible, scopes = _possible(question.strategy, vectors), question.within
    return Asked(
        text=question.text,
        vectors=vectors.whole,
        tokens=vectors.tokens,
        people=reached.people,
        oneself=frozenset({"user", *(fold(each.scope.user_id or "user") for each in scopes)}),
        reached=reached.near,
        within=_within(scopes),
        odds=1 / _curve(question.strategy, vectors).slope,
        second_odds=1 / SECOND_CURVE.slope,
        weights={signal: WEIGHTS[signal] for signal in SIGNALS[possible]},
        needs=_NEEDS[possible],
        first=question.limit,
        among=question.among,
    )


def _possible(strategy: Strategy, vectors: QueryVectors) -> Strategy:
    """Return the strategy itself, or the one that goes on without vectors."""
    return Strategy.TEXT if strategy is Strategy.VECTOR and vectors.whole is None else strategy


def _within(scopes: Sequence[WeightedScope]) -> tuple[Within, ...]:
    """Return the scopes as the index weighs them: half the weight is half the odds."""
    heaviest = max(each.weight for each in scopes)
    return tuple(Within(within(each.scope), math.log(each.weight / heaviest)) for each in scopes)


def _curve(strategy: Strategy, vectors: QueryVectors) -> Curve:
    possible = _possible(strategy, vectors)
    if possible is Strategy.HYBRID and vectors.whole is None:
        return CURVES[Strategy.TEXT]
    return CURVES[possible]


def _hit(ranked: Ranked, memory: Memory, curve: Curve, ranking: Ranking) -> Hit:
    score = curve.chance(ranked.total, ranking.grounds)
    return Hit(memory, score, explained(score, ranked.shares))
