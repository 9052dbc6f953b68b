"""Contexts: what is known about a query, written for a model within a budget."""

from __future__ import annotations

from typing import Annotated, Self

import strawberry

from mnemos_graph.memory.context.asking import Composed, ContextQuestion
from mnemos_graph.model import Position
from mnemos_schema.blocks import Block
from mnemos_schema.context import Cursors, Info
from mnemos_schema.enums import ContextFormat, RecallSignal
from mnemos_schema.inputs import optional
from mnemos_schema.recall import RecallHit, seen_by
from mnemos_schema.records import Fact
from mnemos_schema.scalars import Cursor
from mnemos_schema.scope import ScopeInput, scope_of
from mnemos_schema.selection import MemoryFilter, query_of
from mnemos_schema.vantage import Vantage


@strawberry.input(description="What a context is to be about, and how large it may be.")
class ContextInput:
    query: str = strawberry.field(description="A question or some words; at most 4 KB.")
    scope: ScopeInput | None = strawberry.field(
        default=strawberry.UNSET, description="Whose memory to search; absent: all of it."
    )
    filter: MemoryFilter | None = strawberry.field(
        default=strawberry.UNSET, description="Only memories that match all of this."
    )
    token_budget: int = strawberry.field(
        default=1000, description="The most tokens that the text may have: 0 to 32,000."
    )
    format: ContextFormat = strawberry.field(
        default=ContextFormat.MARKDOWN, description="How it is written."
    )
    include_blocks: bool = strawberry.field(
        default=True, description="Whether it begins with the blocks of the scope."
    )
    include_facts: bool = strawberry.field(
        default=True, description="Whether it has the facts about what the query names."
    )
    since: Cursor | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "Only what changed after this position: what is new, what ended, and by name what was "
            "deleted. Absent: all that is known."
        ),
    )

    template: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The name of a template of this organization, by which it is written; format then says "
            "within what values are made safe."
        ),
    )

    def question(self, since: Position | None) -> ContextQuestion:
        """Return what is asked; ``since`` is the position that its cursor stands for.

        Raises:
            BadInput: the scope or the filter is not valid.
        """
        return ContextQuestion(
            text=self.query,
            scope=scope_of(self.scope),
            query=query_of(self.filter),
            token_budget=self.token_budget,
            form=self.format,
            include_blocks=self.include_blocks,
            include_facts=self.include_facts,
            since=since,
            template=optional(self.template),
        )


@strawberry.type(name="Context", description="Ready to be put in front of a model.")
class ComposedContext:
    text: str = strawberry.field(description="What is known, in the format that was asked for.")
    tokens: int = strawberry.field(description="Never more than the budget.")
    tokenizer: str = strawberry.field(description="By which the tokens were counted.")
    hits: list[RecallHit] = strawberry.field(description="The memories that are in the text.")
    facts: list[Fact] = strawberry.field(description="The facts that are in the text.")
    blocks: list[Block] = strawberry.field(description="The blocks that are in the text.")
    omitted: int = strawberry.field(description="How many relevant memories the budget left out.")
    position: Cursor = strawberry.field(
        description=(
            "Every change up to here was visible to this context; give it as since to hear what "
            "changes from then on."
        )
    )
    degraded: list[RecallSignal] = strawberry.field(
        description="What could not take part in the recall behind it; empty when all did."
    )

    @classmethod
    def of(cls, composed: Composed, cursors: Cursors, seen: Vantage) -> Self:
        return cls(
            text=composed.text,
            tokens=composed.tokens,
            tokenizer=composed.tokenizer,
            hits=[RecallHit.of(each, seen) for each in composed.hits],
            facts=[Fact.of(each, seen) for each in composed.facts],
            blocks=[Block.of(each, seen) for each in composed.blocks],
            omitted=composed.omitted,
            position=cursors.at(composed.position),
            degraded=list(composed.degraded),
        )


@strawberry.type
class ContextQueries:
    @strawberry.field(
        description="What is known about a query, packed into a budget of tokens for a model."
    )
    async def context(
        self,
        info: Info,
        input: Annotated[ContextInput, strawberry.argument(description="What it is about.")],
    ) -> ComposedContext | None:
        context, after = info.context, optional(input.since)
        since = None if after is None else await context.position(after)
        question = input.question(since)
        composed = await context.services.composer.compose(context.access, question)
        told = (hit.memory for hit in composed.hits)
        context.services.uses.note(context.access.organization, told)
        seen = await seen_by(context, question.query)
        return ComposedContext.of(composed, await context.cursors(), seen)
