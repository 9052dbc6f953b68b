"""Recall: the memories that answer a query best, once or as long as somebody listens."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Self

import strawberry

from mnemos_graph.errors import BadInput
from mnemos_graph.memory.kinds.uses import FIRST_HITS
from mnemos_graph.memory.recall import recall, relevance
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_schema.context import Context, Cursors, Info
from mnemos_schema.enums import RecallSignal, RecallStrategy
from mnemos_schema.inputs import optional
from mnemos_schema.records import Memory
from mnemos_schema.scalars import Cursor
from mnemos_schema.scope import ScopeInput, WeightedScope, scope_of
from mnemos_schema.selection import MemoryFilter, query_of
from mnemos_schema.vantage import Vantage


@strawberry.input(description="What to recall.")
class RecallInput:
    query: str = strawberry.field(description="A question or some words; at most 4 KB.")
    scope: ScopeInput | None = strawberry.field(
        default=strawberry.UNSET, description="Whose memory to search; absent: all of it."
    )
    scopes: list[WeightedScope] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Several scopes in one question, in place of scope: 1 to 16.",
    )
    filter: MemoryFilter | None = strawberry.field(
        default=strawberry.UNSET, description="Only memories that match all of this."
    )
    limit: int = strawberry.field(default=10, description="How many at most: 1 to 100.")
    strategy: RecallStrategy = strawberry.field(
        default=RecallStrategy.HYBRID, description="What they are found by."
    )
    hops: int = strawberry.field(
        default=1,
        description="How far to follow facts from the entities that the query names: 0 to 3.",
    )
    min_score: float | None = strawberry.field(
        default=strawberry.UNSET, description="Only hits with at least this score, 0 to 1."
    )

    def question(self) -> Question:
        """Return what is asked.

        Raises:
            BadInput: the scope or the filter is not valid, or there are scope and scopes.
        """
        scopes = optional(self.scopes)
        if scopes is not None and optional(self.scope) is not None:
            raise BadInput("Give scope or scopes, not both: scopes has all that are asked.")
        return Question(
            text=self.query,
            scope=scope_of(self.scope),
            scopes=None if scopes is None else [each.read_scope() for each in scopes],
            query=query_of(self.filter),
            limit=self.limit,
            strategy=self.strategy,
            hops=self.hops,
            min_score=optional(self.min_score),
        )


Asked = Annotated[RecallInput, strawberry.argument(description="What to recall.")]


@strawberry.type(description="What one signal contributed to a hit.")
class SignalScore:
    signal: RecallSignal = strawberry.field(description="Which signal.")
    rank: int | None = strawberry.field(
        description="1 is best; null where the signal did not rank this memory."
    )
    score: float = strawberry.field(description="Its share of the hit's score; the shares add up.")

    @classmethod
    def of(cls, share: relevance.SignalScore) -> Self:
        return cls(signal=share.signal, rank=share.rank, score=share.score)


@strawberry.type(description="A memory that was recalled, and why.")
class RecallHit:
    memory: Memory = strawberry.field(description="The memory.")
    score: float = strawberry.field(
        description=(
            "0 to 1: an estimate of the chance that it is relevant, comparable between results."
        )
    )
    explanation: list[SignalScore] = strawberry.field(description="What spoke for it.")

    @classmethod
    def of(cls, hit: recall.Hit, seen: Vantage) -> Self:
        return cls(
            memory=Memory.of(hit.memory, seen),
            score=hit.score,
            explanation=[SignalScore.of(each) for each in hit.explanation],
        )


@strawberry.type(description="What was recalled.")
class RecallResult:
    hits: list[RecallHit] = strawberry.field(description="The best first.")
    took_ms: float = strawberry.field(description="How long it took, in milliseconds.")
    position: Cursor = strawberry.field(
        description="Every change up to here was visible to this recall."
    )
    degraded: list[RecallSignal] = strawberry.field(
        description=(
            "What could not take part, by name, such as VECTOR while the vector store is down; "
            "empty when all did."
        )
    )

    @classmethod
    def of(cls, recalled: recall.Recalled, cursors: Cursors, seen: Vantage) -> Self:
        return cls(
            hits=[RecallHit.of(each, seen) for each in recalled.hits],
            took_ms=recalled.took_ms,
            position=cursors.at(recalled.position),
            degraded=list(recalled.degraded),
        )


async def seen_by(context: Context, query: MemoryQuery) -> Vantage:
    """Return from where the answer to ``query`` is seen."""
    return await context.look(query.as_of, query.known_at, everything=query.include_superseded)


@strawberry.type
class RecallQueries:
    @strawberry.field(description="The memories that answer a query best, each with its reasons.")
    async def recall(self, info: Info, input: Asked) -> RecallResult | None:
        context, question = info.context, input.question()
        recalled = await context.services.recall.recall(context.access, question)
        used = (hit.memory for hit in recalled.hits[:FIRST_HITS])
        context.services.uses.note(context.access.organization, used)
        seen = await seen_by(context, question.query)
        return RecallResult.of(recalled, await context.cursors(), seen)


@strawberry.type
class RecallSubscriptions:
    @strawberry.subscription(
        description="The answer to a recall, again whenever a change alters it."
    )
    async def live_recall(self, info: Info, input: Asked) -> AsyncGenerator[RecallResult, None]:
        return _answers(info.context, input.question(), await info.context.cursors())


async def _answers(
    context: Context, question: Question, cursors: Cursors
) -> AsyncGenerator[RecallResult, None]:
    async with aclosing(context.services.live.answers(context.access, question)) as answers:
        async for each in answers:
            seen = await seen_by(context, question.query)
            yield RecallResult.of(each, cursors, seen)
