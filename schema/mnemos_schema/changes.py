"""The change log, page by page and live."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Self

import strawberry

from mnemos_graph import model
from mnemos_graph.feed import FeedPage
from mnemos_graph.store import VersionRef, View
from mnemos_schema.change_filter import ChangeFilter, Wanted
from mnemos_schema.context import Context, Cursors, Delivered, Info
from mnemos_schema.enums import ChangeKind, SubjectType
from mnemos_schema.inputs import optional
from mnemos_schema.limits import page_size
from mnemos_schema.nodes import AnyNode, node_of
from mnemos_schema.pacing import paced, sparse
from mnemos_schema.reading import Extent, Greeting, Stretch
from mnemos_schema.scalars import Cursor
from mnemos_schema.scope import ScopeInput
from mnemos_schema.vantage import Vantage

PAGE = 64
"""Changes in a message that listeners share: whoever comes back in the middle of one has no more of
it to read alone than this."""

ChangeSubject = Annotated[
    AnyNode, strawberry.union("ChangeSubject", description="What a change can be about.")
]
After = Annotated[
    Cursor | None,
    strawberry.argument(description="The position to go on behind, as an earlier answer gave it."),
]
InScope = Annotated[
    ScopeInput | None,
    strawberry.argument(description="Only changes to records in this scope; absent: to any."),
]
Matching = Annotated[
    ChangeFilter | None, strawberry.argument(description="Only changes that match all of this.")
]
First = Annotated[
    int,
    strawberry.argument(
        description="1 to 100. There can be more: what was committed together stays together."
    ),
]


@strawberry.type(description="One entry of the change log: one record, changed once.")
class Change:
    position: Cursor = strawberry.field(description="Where it stands in the log.")
    kind: ChangeKind = strawberry.field(description="What happened.")
    subject_type: SubjectType = strawberry.field(description="What kind of record it happened to.")
    subject_id: strawberry.ID = strawberry.field(
        description="Which record; empty where the content was erased."
    )
    actor: str = strawberry.field(description="Who did it; empty where the content was erased.")
    at: datetime = strawberry.field(description="When it was committed.")
    change: strawberry.Private[model.Change]

    @strawberry.field(
        description=(
            "As it was right after this change; null when deleted, and wherever the content was "
            "erased."
        )
    )
    async def subject(self, info: Info) -> ChangeSubject | None:
        if self.kind in {ChangeKind.DELETED, ChangeKind.ERASED}:
            return None
        ref = VersionRef(self.change.subject_id, self.change.version)
        found = await info.context.load.version.load(ref)
        view = View(self.at, self.change.commit_end)
        seen = Vantage(info.context.access.organization, view)
        return node_of(found.record, seen) if found else None

    @classmethod
    def of(cls, change: model.Change, cursors: Cursors) -> Self:
        return cls(
            position=cursors.at(change.position),
            kind=change.kind,
            subject_type=SubjectType(change.subject_type),
            subject_id=strawberry.ID(change.subject_id),
            actor=change.actor,
            at=change.at,
            change=change,
        )


@strawberry.type(description="Changes in order, never half of what was committed together.")
class ChangePage:
    changes: list[Change] = strawberry.field(description="Oldest first.")
    position: Cursor = strawberry.field(
        description=(
            "Where to go on from: the last position examined, also where the filter hid it."
        )
    )
    has_more: bool = strawberry.field(
        description="Whether the log had more when this page was read."
    )
    at: strawberry.Private[model.Position]

    @classmethod
    async def of(cls, page: FeedPage, context: Context, wanted: Wanted, cursors: Cursors) -> Self:
        shown = await wanted.among(page.changes, context.load)
        return cls(
            changes=[Change.of(change, cursors) for change in shown],
            position=cursors.at(page.position),
            has_more=page.has_more,
            at=page.position,
        )


@strawberry.type
class ChangeQueries:
    @strawberry.field(
        description="The log from a position on, oldest first; without one, from its beginning."
    )
    async def changes(
        self,
        info: Info,
        after: After = strawberry.UNSET,
        scope: InScope = strawberry.UNSET,
        filter: Matching = strawberry.UNSET,
        first: First = 100,
    ) -> ChangePage | None:
        context = info.context
        start = await context.position(optional(after))
        page = await context.services.feed.read(context.access, start, page_size(first))
        wanted = Wanted.by(optional(scope), optional(filter))
        return await ChangePage.of(page, context, wanted, await context.cursors())

    @strawberry.field(description="The log's last position now.")
    async def position(self, info: Info) -> Cursor | None:
        return await info.context.cursor()


@strawberry.type
class ChangeSubscriptions:
    @strawberry.subscription(
        description=(
            "Every change after a position, in order, none missing and none twice; without one, "
            "from now on. The first page says where it starts; an empty page only moves the "
            "position on."
        )
    )
    async def changes(
        self,
        info: Info,
        after: After = strawberry.UNSET,
        scope: InScope = strawberry.UNSET,
        filter: Matching = strawberry.UNSET,
    ) -> AsyncGenerator[ChangePage, None]:
        context = info.context
        wanted = Wanted.by(optional(scope), optional(filter))
        reading, organization = context.reading, context.access.organization
        if isinstance(reading, Greeting):
            return _greeting(reading, Cursors(organization, reading.epoch))
        if isinstance(reading, Stretch):
            cursors = Cursors(organization, reading.epoch)
            return _told(context, reading.after, wanted, _behind(context, reading, wanted, cursors))
        start = await context.position(after) if optional(after) is not None else None
        cursors = await context.cursors()
        return _told(context, start, wanted, _pages(context, start, wanted, cursors))


async def _greeting(greeting: Greeting, cursors: Cursors) -> AsyncGenerator[ChangePage, None]:
    yield ChangePage(
        changes=[], position=cursors.at(greeting.at), has_more=greeting.has_more, at=greeting.at
    )


async def _told(
    context: Context,
    start: model.Position | None,
    wanted: Wanted,
    pages: AsyncGenerator[ChangePage, None],
) -> AsyncGenerator[ChangePage, None]:
    """Yield pages, and note in the context what each covers and how far its listener was told."""
    bounded = isinstance(context.reading, Stretch) and context.reading.until is not None
    if not wanted.anything:
        pages = (sparse if bounded else paced)(pages, lambda page: not page.changes)
    after = start
    async with aclosing(pages):
        async for page in pages:
            shown = [each.change.position for each in page.changes]
            first, last = (shown[0], shown[-1]) if shown else (None, None)
            before = page.at if after is None else after
            context.extent = Extent(before, first, last, page.at, page.position)
            after = page.at
            yield page
            context.delivered = Delivered(page.at, page.position)


async def _pages(
    context: Context, start: model.Position | None, wanted: Wanted, cursors: Cursors
) -> AsyncGenerator[ChangePage, None]:
    async with aclosing(context.services.feed.follow(context.access, start)) as pages:
        async for page in pages:
            yield await ChangePage.of(page, context, wanted, cursors)


async def _behind(
    context: Context, stretch: Stretch, wanted: Wanted, cursors: Cursors
) -> AsyncGenerator[ChangePage, None]:
    pages = context.services.feed.behind(
        context.access, stretch.after, stretch.epoch, until=stretch.until, at_most=PAGE
    )
    async with aclosing(pages):
        async for page in pages:
            yield await ChangePage.of(page, context, wanted, cursors)
