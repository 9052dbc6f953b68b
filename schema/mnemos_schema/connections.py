"""Lists that are read page by page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Self

import strawberry

from mnemos_graph import model
from mnemos_graph.store import Mark, Page
from mnemos_schema.pages import PageCursors, PageInfo
from mnemos_schema.records import Entity, Fact, Memory
from mnemos_schema.vantage import Vantage

Count = Callable[[], Awaitable[int | None]]
"""Counts all items of a list, whatever the page; None where that would be dear."""

_EDGES = "The items of this page, in order."


class Placed:
    """An edge whose cursor is made when somebody asks for it: few do, and it takes a hash."""

    node: Any
    place: tuple[PageCursors[Any], model.Record]

    @classmethod
    def at(cls, cursors: PageCursors[model.Record], record: model.Record, node: object) -> Self:
        """Return the edge of a record, which is shown as ``node``."""
        edge = cls.__new__(cls)
        edge.node, edge.place = node, (cursors, record)
        return edge

    def __getattr__(self, name: str) -> str:
        if name != "cursor":
            raise AttributeError(name)
        cursors, record = self.place
        self.cursor = cursors.of(record)
        return self.cursor


@strawberry.type(description="What every page of a list says about itself.")
class Paged:
    page_info: PageInfo = strawberry.field(description="What is before and behind it.")
    count: strawberry.Private[Count]

    @strawberry.field(
        description="How many items all pages have; null where counting would be dear."
    )
    async def total_count(self) -> int | None:
        return await self.count()


@strawberry.type(description="One memory of a page.")
class MemoryEdge(Placed):
    cursor: str = strawberry.field(description="Where it stands, to be given as after.")
    node: Memory = strawberry.field(description="The memory.")


@strawberry.type(description="A page of memories.")
class MemoryConnection(Paged):
    edges: list[MemoryEdge] = strawberry.field(description=_EDGES)

    @classmethod
    def of(
        cls,
        page: Page[model.Memory],
        cursors: PageCursors[model.Memory],
        after: Mark | None,
        count: Count,
        seen: Vantage,
    ) -> Self:
        return cls(
            edges=[MemoryEdge.at(cursors, each, Memory.of(each, seen)) for each in page.records],
            page_info=PageInfo.of(page, cursors, after),
            count=count,
        )


@strawberry.type(description="One entity of a page.")
class EntityEdge(Placed):
    cursor: str = strawberry.field(description="Where it stands, to be given as after.")
    node: Entity = strawberry.field(description="The entity.")


@strawberry.type(description="A page of entities.")
class EntityConnection(Paged):
    edges: list[EntityEdge] = strawberry.field(description=_EDGES)

    @classmethod
    def of(
        cls,
        page: Page[model.Entity],
        cursors: PageCursors[model.Entity],
        after: Mark | None,
        count: Count,
        seen: Vantage,
    ) -> Self:
        return cls(
            edges=[EntityEdge.at(cursors, each, Entity.of(each, seen)) for each in page.records],
            page_info=PageInfo.of(page, cursors, after),
            count=count,
        )


@strawberry.type(description="One fact of a page.")
class FactEdge(Placed):
    cursor: str = strawberry.field(description="Where it stands, to be given as after.")
    node: Fact = strawberry.field(description="The fact.")


@strawberry.type(description="A page of facts.")
class FactConnection(Paged):
    edges: list[FactEdge] = strawberry.field(description=_EDGES)

    @classmethod
    def of(
        cls,
        page: Page[model.Fact],
        cursors: PageCursors[model.Fact],
        after: Mark | None,
        count: Count,
        seen: Vantage,
    ) -> Self:
        return cls(
            edges=[FactEdge.at(cursors, each, Fact.of(each, seen)) for each in page.records],
            page_info=PageInfo.of(page, cursors, after),
            count=count,
        )
