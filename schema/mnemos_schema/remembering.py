"""Remembering: something is taken in, and what is worth keeping of it becomes memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self, cast

import strawberry

from mnemos_graph.errors import BadInput
from mnemos_graph.memory.remember import telling
from mnemos_graph.memory.remember.telling import Remembered, Telling
from mnemos_schema.arguments import IdempotencyKey
from mnemos_schema.context import Context, Info
from mnemos_schema.enums import ConsolidationAction, MemoryType, MessageRole
from mnemos_schema.inputs import given, optional
from mnemos_schema.jobs import Job, JobPayload
from mnemos_schema.records import Episode, Memory
from mnemos_schema.scalars import JSON, Cursor
from mnemos_schema.scope import ScopeInput
from mnemos_schema.vantage import Vantage


@strawberry.input(description="One message of a conversation.")
class MessageInput:
    role: MessageRole = strawberry.field(
        default=MessageRole.USER, description="Who speaks; only what users say is derived from."
    )
    text: str = strawberry.field(description="What was said; at most 32,768 bytes of UTF-8.")
    speaker: str | None = strawberry.field(
        default=strawberry.UNSET, description="The speaker's name, where it is known."
    )
    occurred_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When it was said; absent: as all of it."
    )

    def message(self) -> telling.Message:
        return telling.Message(
            text=self.text,
            role=self.role,
            speaker=optional(self.speaker),
            occurred_at=optional(self.occurred_at),
        )


@strawberry.input(description="Something to take in: exactly one of text and messages.")
class RememberInput:
    text: str | None = strawberry.field(
        default=strawberry.UNSET, description="A text; or else messages."
    )
    messages: list[MessageInput] | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 2,000 messages, in order; or else a text."
    )
    scope: ScopeInput = strawberry.field(description="Whose memory it becomes.")
    type: MemoryType | None = strawberry.field(
        default=strawberry.UNSET, description="What its memories are for; absent: it is decided."
    )
    occurred_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When it was said; absent: now."
    )
    source: str | None = strawberry.field(
        default=strawberry.UNSET, description="Where it came from, in your own words."
    )
    metadata: JSON | None = strawberry.field(
        default=strawberry.UNSET, description="An object of at most 16 KB, kept beside it."
    )
    tags: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="At most 32 words of 64 characters to filter by."
    )
    infer: bool = strawberry.field(
        default=True,
        description=(
            "False keeps each text verbatim as one memory, one ADD for each, in order: no "
            "extraction, no consolidation."
        ),
    )
    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The same key again returns the first answer and changes nothing.",
    )
    dry_run: bool = strawberry.field(
        default=False,
        description=(
            "Show the decisions and write nothing: no episode, no memory, no answer under the key. "
            "The ids of memories that would be added are nobody's."
        ),
    )

    def telling(self) -> Telling:
        """Return what is told.

        Raises:
            BadInput: its scope is not valid.
        """
        messages = optional(self.messages)
        return Telling(
            scope=self.scope.scope(),
            text=optional(self.text),
            messages=None if messages is None else [each.message() for each in messages],
            type=optional(self.type),
            occurred_at=optional(self.occurred_at),
            source=optional(self.source),
            metadata=cast("Mapping[str, Any]", given(self.metadata, JSON({}))),
            tags=given(self.tags, []),
            infer=self.infer,
        )


@strawberry.type(description="What became of something that was told.")
class Decision:
    action: ConsolidationAction = strawberry.field(description="What was done.")
    memory: Memory | None = strawberry.field(
        description="The memory that it was done to; null where there was none to find."
    )
    reason: str = strawberry.field(description="Why.")

    @classmethod
    def of(cls, decision: telling.Decision, seen: Vantage) -> Self:
        return cls(
            action=decision.action,
            memory=Memory.of(decision.memory, seen) if decision.memory else None,
            reason=decision.reason,
        )


@strawberry.type(description="What was taken in, and what became of it.")
class RememberPayload:
    episodes: list[Episode] = strawberry.field(
        description="One for each message, in order; with dryRun none."
    )
    decisions: list[Decision] = strawberry.field(description="What became of what they say.")
    pending: Job | None = strawberry.field(
        description="What is still to be decided, as while a model is away; null when all is."
    )
    position: Cursor = strawberry.field(description="Where the write stands in the change log.")

    @classmethod
    async def of(cls, context: Context, remembered: Remembered) -> Self:
        seen = context.now()
        return cls(
            episodes=[Episode.of(each, seen) for each in remembered.episodes],
            decisions=[Decision.of(each, seen) for each in remembered.decisions],
            pending=Job.of(remembered.pending) if remembered.pending else None,
            position=await context.cursor(remembered.position),
        )


@strawberry.type
class RememberMutations:
    @strawberry.mutation(
        description=(
            "Take something in: extract what is worth keeping and consolidate it with what is "
            "known."
        )
    )
    async def remember(
        self,
        info: Info,
        input: Annotated[RememberInput, strawberry.argument(description="What to take in.")],
    ) -> RememberPayload | None:
        context, rememberer = info.context, info.context.services.rememberer
        carry_out = rememberer.imagine if input.dry_run else rememberer.remember
        remembered = await carry_out(
            context.access, input.telling(), optional(input.idempotency_key)
        )
        return await RememberPayload.of(context, remembered)

    @strawberry.mutation(description="The same for many, in the background.")
    async def remember_many(
        self,
        info: Info,
        inputs: Annotated[
            list[RememberInput], strawberry.argument(description="1 to 1,000 of them.")
        ],
        idempotency_key: IdempotencyKey = strawberry.UNSET,
    ) -> JobPayload | None:
        context = info.context
        if any(each.dry_run for each in inputs):
            raise BadInput("dryRun shows the decisions of one remember. Ask for them one by one.")
        written = await context.services.remembering_many.submit(
            context.access,
            [each.telling() for each in inputs],
            optional(idempotency_key),
            keys=[optional(each.idempotency_key) for each in inputs],
        )
        return await JobPayload.of(context, written)
