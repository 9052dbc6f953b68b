"""What is known, as clients see it: memories, episodes, entities and facts.

They refer to each other in circles, which is why they share a module. Fields are plain attributes;
only what needs another read has a resolver, and it goes through a loader.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from mnemos_graph import model
from mnemos_schema.enums import MemoryLevel, MemoryType
from mnemos_schema.scalars import JSON
from mnemos_schema.scope import Scope


@strawberry.interface(description="Whatever has an id of its own.")
class Node:
    id: strawberry.ID = strawberry.field(description="Unique within the organization, for good.")


@strawberry.type(description="Something worth keeping, as text that an agent can be given.")
class Memory(Node):
    type: MemoryType = strawberry.field(description="What it is for.")
    level: MemoryLevel = strawberry.field(description="How far it reaches.")
    text: str = strawberry.field(description="What it says.")
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

    @classmethod
    def of(cls, organization: model.OrganizationId, record: model.Memory) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            type=record.type,
            level=record.level,
            text=record.text,
            scope=Scope.of(organization, record.scope),
            importance=record.importance,
            tags=list(record.tags),
            metadata=JSON(record.metadata),
            version=record.version,
            valid_from=record.valid_from,
            valid_to=record.valid_to,
            created_at=record.created_at,
            updated_at=record.updated_at,
            expires_at=record.expires_at,
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

    @classmethod
    def of(cls, organization: model.OrganizationId, record: model.Episode) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            text=record.text,
            speaker=record.speaker,
            source=record.source,
            occurred_at=record.occurred_at,
            created_at=record.created_at,
            scope=Scope.of(organization, record.scope),
            metadata=JSON(record.metadata),
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

    @classmethod
    def of(cls, organization: model.OrganizationId, record: model.Entity) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            name=record.name,
            kind=record.kind,
            aliases=list(record.aliases),
            summary=record.summary,
            metadata=JSON(record.metadata),
            scope=Scope.of(organization, record.scope),
            created_at=record.created_at,
            updated_at=record.updated_at,
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

    @classmethod
    def of(cls, organization: model.OrganizationId, record: model.Fact) -> Self:
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
        )
