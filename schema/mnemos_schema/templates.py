"""Templates: how contexts of this organization are to be written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from mnemos_graph import model
from mnemos_schema.context import Info
from mnemos_schema.deleting import DeletePayload
from mnemos_schema.inputs import optional
from mnemos_schema.interfaces import Node
from mnemos_schema.scalars import Cursor

Name = Annotated[str, strawberry.argument(description="The name of the template.")]


@strawberry.type(description="How contexts are to be written, under a name of the organization.")
class Template(Node):
    name: str = strawberry.field(description="By which a context asks for it.")
    text: str = strawberry.field(
        description="What it says, in the part of Handlebars that is known."
    )
    version: int = strawberry.field(description="1 when created, one more at every change.")
    updated_at: datetime = strawberry.field(description="When this version was written.")

    @classmethod
    def of(cls, record: model.Template) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            name=record.name,
            text=record.text,
            version=record.version,
            updated_at=record.updated_at,
        )


@strawberry.type(description="A template as it was written.")
class TemplatePayload:
    template: Template = strawberry.field(description="As this write left it.")
    position: Cursor = strawberry.field(description="Where the write stands in the change log.")


@strawberry.type
class TemplateQueries:
    @strawberry.field(description="Every template of the organization, by name.")
    async def templates(self, info: Info) -> list[Template] | None:
        found = await info.context.services.templates.list(info.context.access)
        return [Template.of(each) for each in found]


@strawberry.type
class TemplateMutations:
    @strawberry.mutation(
        description=(
            "Keep a template under a name, in place of the one that was there, if it works; for "
            "admins."
        )
    )
    async def set_template(
        self,
        info: Info,
        name: Name,
        text: Annotated[str, strawberry.argument(description="At most 16 KB.")],
        expected_version: Annotated[
            int | None,
            strawberry.argument(
                description="The version that it must be at, 0: there is none; absent: any."
            ),
        ] = strawberry.UNSET,
    ) -> TemplatePayload | None:
        context = info.context
        context.caller.require("admin")
        written = await context.services.templates.set(
            context.access, name, text, optional(expected_version)
        )
        return TemplatePayload(
            template=Template.of(written.record), position=await context.cursor(written.position)
        )

    @strawberry.mutation(description="Delete a template; its name is free again. For admins.")
    async def delete_template(self, info: Info, name: Name) -> DeletePayload | None:
        context = info.context
        context.caller.require("admin")
        deleted = await context.services.templates.delete(context.access, name)
        return await DeletePayload.of(context, deleted)
