"""What is known, as clients see it: memories, episodes, entities and facts.

They refer to each other in circles, which is why they share a module. Fields are plain attributes;
only what needs another read has a resolver, and it goes through a loader.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Self

import strawberry

from mnemos_graph import model
from mnemos_graph.identity import REVEAL
from mnemos_graph.witness.witness import refuse
from mnemos_schema import links
from mnemos_schema.arguments import AsOf, First, IncludeInvalid, KnownAt
from mnemos_schema.context import Info
from mnemos_schema.enums import MemoryLevel, MemoryType
from mnemos_schema.inputs import given, optional
from mnemos_schema.interfaces import Node
from mnemos_schema.loaders import Ref
from mnemos_schema.scalars import JSON
from mnemos_schema.scope import Scope
from mnemos_schema.vantage import Vantage
from mnemos_schema.versions import MemoryVersion, MergedEntity

Predicates = Annotated[
    list[str] | None,
    strawberry.argument(description="Only facts with one of these predicates; absent: any."),
]


@strawberry.type(description="Something worth keeping, as text that an agent can be given.")
class Memory(Node):
    type: MemoryType = strawberry.field(description="What it is for.")
    level: MemoryLevel = strawberry.field(description="How far it reaches.")
    text: str = strawberry.field(
        description="What it says; of what the KNOWLEDGE_VAULT keeps, only the name."
    )
    scope: Scope = strawberry.field(description="Whose memory it is.")
    importance: float = strawberry.field(description="0 to 1.")
    tags: list[str] = strawberry.field(description="Words to filter by.")
    metadata: JSON = strawberry.field(description="Whatever its writer put beside it: an object.")
    version: int = strawberry.field(description="1 when created, one more at every change.")
    valid_from: datetime | None = strawberry.field(
        description="When what it says began to hold, in the world."
    )
    valid_to: datetime | None = strawberry.field(
        description="When it stopped holding; null while it still does."
    )
    created_at: datetime = strawberry.field(description="When it was first written.")
    updated_at: datetime = strawberry.field(description="When this version was written.")
    expires_at: datetime | None = strawberry.field(
        description="When it stops being told; null: never."
    )
    pinned: bool = strawberry.field(
        description="Whether it stays: never expired, never taken down a level by itself."
    )

    record: strawberry.Private[model.Memory]
    seen: strawberry.Private[Vantage]

    @strawberry.field(
        description=(
            "The value that the KNOWLEDGE_VAULT keeps under this name, in clear, for those with the "
            "permission to reveal it; null for every other memory."
        )
    )
    def secret(self, info: Info) -> str | None:
        if self.record.type is not MemoryType.KNOWLEDGE_VAULT:
            return None
        refuse()  # a secret is kept nowhere but in the store
        info.context.caller.require(REVEAL)
        return self.record.text

    @strawberry.field(description="What it was first derived from; null where it was written.")
    async def episode(self, info: Info) -> Episode | None:
        if not self.record.sources:
            return None
        found = await info.context.load.one(
            model.Episode, self.record.sources[0], self.seen.known_at
        )
        return Episode.of(found, self.seen) if found else None

    @strawberry.field(description="What it is about.")
    async def entities(self, info: Info, first: First = 20) -> list[Entity] | None:
        found = await links.entities(info.context.load, self.seen, self.record.entity_ids, first)
        return [Entity.of(each, self.seen) for each in found]

    @strawberry.field(description="What it says, as facts.")
    async def facts(self, info: Info, first: First = 20) -> list[Fact] | None:
        found = await links.facts(info.context.load, self.seen, self.record.fact_ids, first)
        return [Fact.of(each, self.seen) for each in found]

    @strawberry.field(description="The memory that took its place; null while none did.")
    async def superseded_by(self, info: Info) -> Memory | None:
        if self.record.superseded_by is None:
            return None
        found = await info.context.load.one(
            model.Memory, self.record.superseded_by, self.seen.known_at
        )
        return Memory.of(found, self.seen) if found else None

    @strawberry.field(description="Its versions up to this one, newest first.")
    async def history(self, info: Info, first: First = 20) -> list[MemoryVersion] | None:
        found = await links.versions(info.context.load, model.Memory, self.record, first)
        return [MemoryVersion.of(each) for each in found]

    @classmethod
    def of(cls, record: model.Memory, seen: Vantage) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            type=record.type,
            level=record.level,
            text=record.shown,
            scope=Scope.of(seen.organization, record.scope),
            importance=record.importance,
            tags=list(record.tags),
            metadata=JSON(record.metadata),
            version=record.version,
            valid_from=record.valid_from,
            valid_to=record.valid_to,
            created_at=record.created_at,
            updated_at=record.updated_at,
            expires_at=record.expires_at,
            pinned=record.pinned,
            record=record,
            seen=seen,
        )


@strawberry.type(
    description=(
        "What came in, as it came in. Never changed, kept as the source of everything derived "
        "from it."
    )
)
class Episode(Node):
    text: str = strawberry.field(description="What was said or written.")
    speaker: str | None = strawberry.field(description="Who said it, where that is known.")
    source: str | None = strawberry.field(description="Where it came from, in the client's words.")
    occurred_at: datetime = strawberry.field(description="When it was said.")
    created_at: datetime = strawberry.field(description="When it came in.")
    scope: Scope = strawberry.field(description="Whose memory it is.")
    metadata: JSON = strawberry.field(description="Whatever its writer put beside it: an object.")

    seen: strawberry.Private[Vantage]

    @strawberry.field(description="What was derived from it, oldest first.")
    async def memories(self, info: Info, first: First = 100) -> list[Memory] | None:
        found = await links.memories(
            info.context.load, self.seen, "sources", model.RecordId(self.id), first
        )
        return [Memory.of(each, self.seen) for each in found]

    @classmethod
    def of(cls, record: model.Episode, seen: Vantage) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            text=record.text,
            speaker=record.speaker,
            source=record.source,
            occurred_at=record.occurred_at,
            created_at=record.created_at,
            scope=Scope.of(seen.organization, record.scope),
            metadata=JSON(record.metadata),
            seen=seen,
        )


@strawberry.type(description="A person, place or thing that facts are about.")
class Entity(Node):
    name: str = strawberry.field(description="The name it goes by.")
    kind: str = strawberry.field(
        description=(
            "PERSON, ORGANIZATION, PLACE, EVENT, PRODUCT, TOPIC, …; an organization may add its own."
        )
    )
    aliases: list[str] = strawberry.field(description="Other names that mean it.")
    summary: str | None = strawberry.field(description="What it is, in a sentence.")
    metadata: JSON = strawberry.field(description="Whatever its writer put beside it: an object.")
    scope: Scope = strawberry.field(description="Whose memory it is.")
    created_at: datetime = strawberry.field(description="When it was first named.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")

    seen: strawberry.Private[Vantage]

    @strawberry.field(
        description=(
            "What is known about it: by default what holds at the moment that the whole question "
            "is about."
        )
    )
    async def facts(
        self,
        info: Info,
        *,
        as_of: AsOf = strawberry.UNSET,
        known_at: KnownAt = strawberry.UNSET,
        predicates: Predicates = strawberry.UNSET,
        include_invalid: IncludeInvalid = False,
        first: First = 50,
    ) -> list[Fact] | None:
        seen = await info.context.look_again(self.seen, optional(as_of), optional(known_at))
        found = await links.facts_about(
            info.context.load,
            seen,
            model.RecordId(self.id),
            given(predicates, []),
            first,
            include_invalid=include_invalid,
        )
        below = replace(seen, everything=include_invalid)
        return [Fact.of(each, below) for each in found]

    @strawberry.field(description="Memories about it, newest first.")
    async def memories(self, info: Info, first: First = 20) -> list[Memory] | None:
        found = await links.memories_about(
            info.context.load, self.seen, model.RecordId(self.id), first
        )
        return [Memory.of(each, self.seen) for each in found]

    @strawberry.field(description="Entities that it stands for since they were merged into it.")
    async def merged(self, info: Info, first: First = 20) -> list[MergedEntity] | None:
        found = await links.merged_into(
            info.context.load, self.seen, model.RecordId(self.id), first
        )
        return [MergedEntity.of(each) for each in found]

    @classmethod
    def of(cls, record: model.Entity, seen: Vantage) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            name=record.name,
            kind=record.kind,
            aliases=list(record.aliases),
            summary=record.summary,
            metadata=JSON(record.metadata),
            scope=Scope.of(seen.organization, record.scope),
            created_at=record.created_at,
            updated_at=record.updated_at,
            seen=seen,
        )


@strawberry.type(
    description=(
        "A relation between two entities, or an entity and a value. A later value ends it "
        "(validTo, closedBy) and it still answers asOf before; what was never so, or lost its "
        "source, is invalid (invalidatedAt)."
    )
)
class Fact(Node):
    subject_id: strawberry.ID = strawberry.field(description="The entity that it is about.")
    predicate: str = strawberry.field(description="What relates them, such as lives_in.")
    value: str | None = strawberry.field(description="Exactly one of object and value is set.")
    statement: str = strawberry.field(description="The same as a sentence.")
    confidence: float = strawberry.field(description="0 to 1.")
    valid_from: datetime | None = strawberry.field(
        description="When it began to hold, in the world; null: it always did."
    )
    valid_to: datetime | None = strawberry.field(
        description="When it stopped holding, in the world; null while it still does."
    )
    recorded_at: datetime = strawberry.field(description="When it came to be known.")
    invalidated_at: datetime | None = strawberry.field(
        description="When it was found never to have been so, or lost its last source."
    )

    record: strawberry.Private[model.Fact]
    seen: strawberry.Private[Vantage]

    @strawberry.field(
        description="The entity that it is about, or the one that stands for it since a merge."
    )
    async def subject(self, info: Info) -> Entity | None:
        return await _entity(info, self.seen, self.record.subject_id)

    @strawberry.field(description="Exactly one of object and value is set.")
    async def object(self, info: Info) -> Entity | None:
        return await _entity(info, self.seen, self.record.object_id)

    @strawberry.field(description="What ended it.")
    async def closed_by(self, info: Info) -> Fact | None:
        if self.record.closed_by is None:
            return None
        found = await info.context.load.one(model.Fact, self.record.closed_by, self.seen.known_at)
        return Fact.of(found, self.seen) if found else None

    @strawberry.field(description="Memories that say it, oldest first.")
    async def memories(self, info: Info, first: First = 20) -> list[Memory] | None:
        found = await links.memories(
            info.context.load, self.seen, "fact_ids", model.RecordId(self.id), first
        )
        return [Memory.of(each, self.seen) for each in found]

    @classmethod
    def of(cls, record: model.Fact, seen: Vantage) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            subject_id=strawberry.ID(record.subject_id),
            predicate=record.predicate,
            value=record.value,
            statement=record.statement,
            confidence=record.confidence,
            valid_from=record.valid_from,
            valid_to=record.valid_to,
            recorded_at=record.created_at,
            invalidated_at=record.invalidated_at,
            record=record,
            seen=seen,
        )


async def _entity(info: Info, seen: Vantage, id: model.RecordId | None) -> Entity | None:
    if id is None:
        return None
    found = await info.context.load.entity.load(Ref(id, seen.known_at))
    return Entity.of(found, seen) if found else None
