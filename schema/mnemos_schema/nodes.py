"""Any record, as the type that its kind has in the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import strawberry

from mnemos_graph import model
from mnemos_schema.blocks import Block
from mnemos_schema.context import Info
from mnemos_schema.interfaces import Node
from mnemos_schema.jobs import Job
from mnemos_schema.loaders import Ref
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
    @strawberry.field(description="Whatever has this id, of any kind; null where nothing has.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of any record.")],
    ) -> Node | None:
        context = info.context
        found = await context.load.one(model.Record, id)
        if isinstance(found, model.Entity):
            found = await context.load.entity.load(Ref(found.id))
        return node_of(found, context.now()) if found else None
