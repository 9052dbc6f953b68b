"""Any record, as the type that its kind has in the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import strawberry

from mnemos_graph import model
from mnemos_schema.arguments import AsOf, KnownAt
from mnemos_schema.blocks import Block
from mnemos_schema.by_id import by_id
from mnemos_schema.context import Info
from mnemos_schema.interfaces import Node
from mnemos_schema.jobs import Job
from mnemos_schema.ontologies import Ontology
from mnemos_schema.records import Entity, Episode, Fact, Memory
from mnemos_schema.templates import Template
from mnemos_schema.vantage import Vantage

AnyNode = Memory | Episode | Entity | Fact | Block | Job | Template | Ontology


def node_of(record: model.Record, seen: Vantage) -> AnyNode | None:
    """Return a record as clients see it; None for bookkeeping, which they never see."""
    made = _TYPES.get(type(record))
    return made(record, seen) if made else None


_TYPES: Mapping[type[model.Record], Callable[[Any, Vantage], AnyNode]] = {
    model.Memory: Memory.of,
    model.Episode: Episode.of,
    model.Entity: Entity.of,
    model.Fact: Fact.of,
    model.Block: Block.of,
    model.Job: lambda job, _: Job.of(job),
    model.Template: lambda template, _: Template.of(template),
    model.Ontology: lambda ontology, _: Ontology.of(ontology),
}


@strawberry.type
class NodeQueries:
    @strawberry.field(
        description=(
            "Whatever has this id, of any kind; null where nothing has, or it did not hold at asOf."
        )
    )
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of any record.")],
        as_of: AsOf = strawberry.UNSET,
        known_at: KnownAt = strawberry.UNSET,
    ) -> Node | None:
        return await by_id(info.context, model.Record, id, node_of, as_of=as_of, known_at=known_at)
