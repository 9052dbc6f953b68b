"""Standing watches: what matches, told the moment it appears."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Self

import strawberry

from mnemos_graph import model
from mnemos_graph.memory.watching.asking import Watched
from mnemos_graph.memory.watching.watching import Sighting
from mnemos_schema.context import Context, Cursors, Delivered, Info
from mnemos_schema.inputs import optional
from mnemos_schema.pacing import paced
from mnemos_schema.records import Fact, Memory
from mnemos_schema.scalars import Cursor
from mnemos_schema.scope import ScopeInput, scope_of
from mnemos_schema.vantage import Vantage

QUIET_SECONDS = 10.0
"""The least time before a position without a hit."""
DEFAULT_SCORE = 0.5


@strawberry.input(
    description="What to watch for: exactly one of text, entityId and blockId is given."
)
class WatchInput:
    scope: ScopeInput | None = strawberry.field(
        default=strawberry.UNSET, description="Whose memory to watch; absent: all of it."
    )
    text: str | None = strawberry.field(
        default=strawberry.UNSET, description="Memories near this text; at most 4 KB."
    )
    min_score: float = strawberry.field(
        default=DEFAULT_SCORE,
        description="Near a text: only memories that recall gives at least this score, 0 to 1.",
    )
    entity_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Memories and facts about this entity, and all that it was merged with.",
    )
    predicates: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="About an entity: only facts with one of these, and memories that state one.",
    )
    block_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Memories and facts of the block's partition that contradict what it says.",
    )

    def watched(self) -> Watched:
        """Return what is watched for.

        Raises:
            BadInput: the scope is not valid.
        """
        entity, block = optional(self.entity_id), optional(self.block_id)
        return Watched(
            scope=scope_of(self.scope),
            text=optional(self.text),
            min_score=self.min_score,
            entity_id=None if entity is None else model.RecordId(entity),
            predicates=optional(self.predicates) or (),
            block_id=None if block is None else model.RecordId(block),
        )


@strawberry.type(
    description="Something that is watched for; without memory and fact, only how far it is told."
)
class WatchHit:
    memory: Memory | None = strawberry.field(description="The memory that appeared, as it is now.")
    fact: Fact | None = strawberry.field(description="The fact that appeared, as it is now.")
    score: float | None = strawberry.field(
        description="0 to 1, as recall has it; null where no text is watched for."
    )
    position: Cursor = strawberry.field(
        description="Where to go on from: all that appeared up to here was told."
    )

    at: strawberry.Private[model.Position]

    @property
    def is_empty(self) -> bool:
        return self.memory is None and self.fact is None

    @classmethod
    def of(cls, sighting: Sighting, cursors: Cursors, seen: Vantage) -> Self:
        record = sighting.record
        return cls(
            memory=Memory.of(record, seen) if isinstance(record, model.Memory) else None,
            fact=Fact.of(record, seen) if isinstance(record, model.Fact) else None,
            score=sighting.score,
            position=cursors.at(sighting.position),
            at=sighting.position,
        )


@strawberry.type
class WatchSubscriptions:
    @strawberry.subscription(
        description=(
            "Memories and facts that match, each the moment it appears, none missing behind the "
            "position that the request carries, else from now on. The first hit is empty and says "
            "where it starts; so does one now and then while nothing matches."
        )
    )
    async def watch(
        self,
        info: Info,
        input: Annotated[WatchInput, strawberry.argument(description="What to watch for.")],
    ) -> AsyncGenerator[WatchHit, None]:
        return _hits(info.context, input.watched(), await info.context.cursors())


async def _hits(
    context: Context, watched: Watched, cursors: Cursors
) -> AsyncGenerator[WatchHit, None]:
    hits = paced(_seen(context, watched, cursors), lambda hit: hit.is_empty, QUIET_SECONDS)
    async with aclosing(hits):
        async for hit in hits:
            yield hit
            context.delivered = Delivered(hit.at, hit.position)


async def _seen(
    context: Context, watched: Watched, cursors: Cursors
) -> AsyncGenerator[WatchHit, None]:
    sightings = context.services.watching.sightings(context.access, watched, context.after)
    async with aclosing(sightings):
        async for each in sightings:
            yield WatchHit.of(each, cursors, context.now())
