"""The ontology: what an organization wants noted of what it tells, and in which words."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from mnemos_graph import model
from mnemos_graph.memory.remember.ontologies import NewOntology
from mnemos_schema.context import Info
from mnemos_schema.deleting import DeletePayload
from mnemos_schema.inputs import given, optional
from mnemos_schema.interfaces import Node
from mnemos_schema.scalars import Cursor


@strawberry.type(description="A kind of entity that an organization has beside those of everybody.")
class OntologyEntity:
    name: str = strawberry.field(description="In upper case with underscores: CLINICAL_TRIAL.")
    description: str = strawberry.field(description="What it is, for whoever reads.")


@strawberry.type(description="A relation that an organization wants noted.")
class OntologyFact:
    name: str = strawberry.field(
        description="The predicate, in lower case with underscores: takes_part_in."
    )
    description: str = strawberry.field(description="When it holds, for whoever reads.")
    subjects: list[str] = strawberry.field(
        description="Kinds of entity that it is said about; empty: any."
    )
    objects: list[str] = strawberry.field(
        description="Kinds of entity that it leads to; empty: any, and values too."
    )


@strawberry.type(
    description="What an organization wants noted of what it tells, and in which words."
)
class Ontology(Node):
    instructions: str = strawberry.field(
        description="What is worth noting, in words for a language model."
    )
    entity_types: list[OntologyEntity] = strawberry.field(description="Kinds of entity of its own.")
    fact_types: list[OntologyFact] = strawberry.field(description="Relations of its own.")
    closed: bool = strawberry.field(
        description=(
            "Whether only facts and entities of these types are noted. A list that is empty "
            "closes nothing."
        )
    )
    version: int = strawberry.field(description="1 when created, one more at every change.")
    updated_at: datetime = strawberry.field(description="When this version was written.")

    @classmethod
    def of(cls, record: model.Ontology) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            instructions=record.instructions,
            entity_types=[
                OntologyEntity(name=each.name, description=each.description)
                for each in record.entity_types
            ],
            fact_types=[
                OntologyFact(
                    name=each.name,
                    description=each.description,
                    subjects=list(each.subjects),
                    objects=list(each.objects),
                )
                for each in record.fact_types
            ],
            closed=record.closed,
            version=record.version,
            updated_at=record.updated_at,
        )


@strawberry.input(description="A kind of entity to be had beside those of everybody.")
class EntityTypeInput:
    name: str = strawberry.field(
        description="In upper case with underscores, at most 64 characters: CLINICAL_TRIAL."
    )
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="What it is; at most 500 bytes."
    )

    def entity_type(self) -> model.EntityType:
        return model.EntityType(name=self.name, description=given(self.description, ""))


@strawberry.input(description="A relation to be noted.")
class FactTypeInput:
    name: str = strawberry.field(
        description=(
            "The predicate, in lower case with underscores, at most 64 characters: takes_part_in."
        )
    )
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="When it holds; at most 500 bytes."
    )
    subjects: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Kinds of entity that it is said about, at most 20; any where there are none.",
    )
    objects: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "Kinds of entity that it leads to, at most 20; any, and values too, where there are "
            "none."
        ),
    )

    def fact_type(self) -> model.FactType:
        return model.FactType(
            name=self.name,
            description=given(self.description, ""),
            subjects=tuple(given(self.subjects, [])),
            objects=tuple(given(self.objects, [])),
        )


@strawberry.input(description="An ontology to be kept.")
class OntologyInput:
    instructions: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="What is worth noting, in words for a language model; at most 8 KB.",
    )
    entity_types: list[EntityTypeInput] | None = strawberry.field(
        default=strawberry.UNSET, description="At most 50."
    )
    fact_types: list[FactTypeInput] | None = strawberry.field(
        default=strawberry.UNSET, description="At most 100."
    )
    closed: bool = strawberry.field(
        default=False,
        description=(
            "Whether only facts and entities of these types are noted. A list that is empty "
            "closes nothing."
        ),
    )

    def new_ontology(self) -> NewOntology:
        return NewOntology(
            instructions=given(self.instructions, ""),
            entity_types=[each.entity_type() for each in given(self.entity_types, [])],
            fact_types=[each.fact_type() for each in given(self.fact_types, [])],
            closed=self.closed,
        )


@strawberry.type(description="An ontology as it was written.")
class OntologyPayload:
    ontology: Ontology = strawberry.field(description="As this write left it.")
    position: Cursor = strawberry.field(description="Where the write stands in the change log.")


@strawberry.type
class OntologyQueries:
    @strawberry.field(
        description="What the organization wants noted of what it tells; null where it has not said."
    )
    async def ontology(self, info: Info) -> Ontology | None:
        found = await info.context.services.ontologies.get(info.context.access)
        return Ontology.of(found) if found else None


@strawberry.type
class OntologyMutations:
    @strawberry.mutation(
        description=(
            "Keep an ontology in place of the one that was there; what is told from then on is "
            "read by it. For admins."
        )
    )
    async def set_ontology(
        self,
        info: Info,
        input: Annotated[OntologyInput, strawberry.argument(description="All of it.")],
        expected_version: Annotated[
            int | None,
            strawberry.argument(
                description="The version that it must be at, 0: there is none; absent: any."
            ),
        ] = strawberry.UNSET,
    ) -> OntologyPayload | None:
        context = info.context
        context.caller.require("admin")
        written = await context.services.ontologies.set(
            context.access, input.new_ontology(), optional(expected_version)
        )
        return OntologyPayload(
            ontology=Ontology.of(written.record), position=await context.cursor(written.position)
        )

    @strawberry.mutation(
        description="Delete the ontology; what was written by it stays. For admins."
    )
    async def delete_ontology(self, info: Info) -> DeletePayload | None:
        context = info.context
        context.caller.require("admin")
        deleted = await context.services.ontologies.delete(context.access)
        return await DeletePayload.of(context, deleted)
