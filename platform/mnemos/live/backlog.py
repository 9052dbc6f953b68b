"""What a group was told last and before, as it is read by those who come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress

from mnemos.live.questions import Executions, Question, Refused, without_data
from mnemos.live.spine import Before, Page, Rest, Spine
from mnemos_graph.ending import end
from mnemos_graph.errors import MnemosError
from mnemos_graph.feed import Feed
from mnemos_graph.model import Position
from mnemos_schema.errors import formatted
from mnemos_schema.reading import Stretch

REACH = 16_384
"""Positions of the log that are told again for all who come back, rather than for each alone."""


class Failed(Exception):
    """An execution ended with a last result, which says why."""

    def __init__(self, last: bytes) -> None:
        super().__init__()
        self.last = last


class Backlog:
    """The pages of one question from ``start`` on, in one epoch of the log."""

    def __init__(
        self,
        question: Question,
        executions: Executions,
        feed: Feed,
        *,
        epoch: int,
        start: Position,
        most_bytes: Callable[[], int],
    ) -> None:
        """``most_bytes``: how much of it may be kept at the moment."""
        self._question = question
        self._executions = executions
        self._feed = feed
        self.epoch = epoch
        self._organization = question.caller.access.organization
        self._most_bytes = most_bytes
        self._spine = Spine(start)
        self._erasures = self.erasures
        self._wanted: Position | None = None
        self._extending: asyncio.Task[None] | None = None

    @property
    def erasures(self) -> int:
        """How often something was erased: what was read before may have what is gone since."""
        return self._feed.erasures[self._organization]

    @property
    def end(self) -> Position:
        """How far the group was told."""
        return self._spine.end

    def follow(self) -> AsyncGenerator[Page, None]:
        """Yield the pages behind the end as they come, without end; raises as ``read`` does."""
        return self.read(self._spine.end)

    async def read(
        self, after: Position, until: Position | None = None
    ) -> AsyncGenerator[Page, None]:
        """Yield the pages behind a position; without ``until`` they go on.

        Raises:
            Failed: it cannot go on.
        """
        answers = self._executions.answers(self._question, Stretch(self.epoch, after, until))
        last = None
        try:
            async with aclosing(answers):
                async for payload in answers:
                    if payload.extent is None:
                        last = payload.body
                        break
                    yield Page(payload, payload.extent)
        except Refused as refused:
            last = without_data(refused.errors)
        except Exception as error:  # noqa: BLE001 - listeners are told, in public words
            last = without_data([formatted(error)])
        if last is not None:
            raise Failed(last)

    def append(self, page: Page, erasures: int) -> None:
        """Keep a page that follows the last one; ``erasures``: from before it was read."""
        self._forget_erased()
        self._spine.append(page)
        if erasures != self._erasures or not page.payload.whole:
            self._spine.clear()
        self._spine.shrink(self._most_bytes())

    def behind(self, position: Position) -> Sequence[Page] | Rest | Before:
        """Return what tells a listener everything up to the end; see ``Spine``."""
        self._forget_erased()
        return self._spine.behind(position)

    async def extend(self, position: Position) -> None:
        """Keep pages from about ``position`` on, if they may be; those who ask together share it."""
        self._wanted = min(position, self._wanted or position)
        if self._extending is None:
            self._extending = asyncio.create_task(self._extend(), name="read a backlog")
        await asyncio.shield(self._extending)

    async def close(self) -> None:
        if self._extending:
            await end(self._extending)

    async def _extend(self) -> None:
        try:
            await asyncio.sleep(0)  # whoever else comes in this moment is taken along
            wanted, self._wanted = self._wanted or 0, None
            until, erasures = self._spine.start, self._erasures
            with suppress(Failed, MnemosError):  # then each reads alone, and hears what is wrong
                after = await self._feed.boundary(self._organization, Position(wanted))
                pages = await self._collected(after, until)
                if until == self._spine.start and erasures == self.erasures:
                    self._spine.prepend(pages, after)
        finally:
            self._extending = None

    async def _collected(self, after: Position, until: Position) -> Sequence[Page]:
        pages: list[Page] = []
        left = self._most_bytes()
        async with aclosing(self.read(after, until)) as reading:
            async for page in reading:
                left -= len(page.payload.body)
                if left < 0 or not page.payload.whole:
                    raise Failed(b"")
                pages.append(page)
        return pages

    def _forget_erased(self) -> None:
        if self._erasures != self.erasures:
            self._erasures = self.erasures
            self._spine.clear()
