"""A group that listens to the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing

from mnemos.live.backlog import REACH, Backlog, Failed
from mnemos.live.greetings import Greetings
from mnemos.live.listener import AT_ONCE, Listener, Members
from mnemos.live.questions import Executions, Question
from mnemos.live.spine import Before, Page, Rest, fits
from mnemos_graph.ending import end
from mnemos_graph.feed import Feed
from mnemos_graph.model import Head, Position


class LogGroup:
    """One execution that follows the log from a position on, and its listeners."""

    def __init__(
        self, question: Question, executions: Executions, feed: Feed, most_bytes: Callable[[], int]
    ) -> None:
        """``most_bytes``: of pages that may be kept for those who come back."""
        self.over = False
        self._question = question
        self._executions = executions
        self._feed = feed
        self._most_bytes = most_bytes
        self._members = Members()
        self._greetings = Greetings(question, executions)
        self._starting = asyncio.Lock()
        self._backlog: Backlog | None = None
        self._telling: asyncio.Task[None] | None = None
        self._apart: set[asyncio.Task[None]] = set()
        self._last: bytes | None = None

    async def serve(self, listener: Listener, head: Head) -> None:
        """Greet a listener, read it what it misses, and keep it among the members from there on.

        Raises:
            Refused: the question cannot be executed.
            MnemosError: the store cannot be read.
        """
        try:
            listener.take(await self._greetings.at(listener.position, head))
        except Failed as failed:
            listener.complete(failed.last)
            return
        await self._bring(listener, await self._started(listener.position, head))

    def leave(self, listener: Listener) -> None:
        self._members.discard(listener)

    async def close(self) -> None:
        """End the execution, and with it everybody who still listens."""
        await end(*self._apart, *([self._telling] if self._telling else []))
        if self._backlog:
            await self._backlog.close()
        await self._end(None)

    async def _started(self, position: Position, head: Head) -> Backlog:
        async with self._starting:
            if self._backlog is None:
                start = head.position
                if 0 < head.position - position <= REACH:
                    start = await self._feed.boundary(
                        self._question.caller.access.organization, position
                    )
                self._backlog = Backlog(
                    self._question,
                    self._executions,
                    self._feed,
                    epoch=head.epoch,
                    start=start,
                    most_bytes=self._most_bytes,
                )
                self._telling = asyncio.create_task(self._tell(self._backlog), name="tell a group")
        return self._backlog

    async def _tell(self, backlog: Backlog) -> None:
        """Tell the members every page, until the log can be followed no more."""
        last = None
        try:
            erasures = backlog.erasures
            async with aclosing(backlog.follow()) as pages:
                async for page in pages:
                    backlog.append(page, erasures)
                    await self._members.each(lambda each: self._give(each, page))  # noqa: B023
                    erasures = backlog.erasures
        except Failed as failed:
            last = failed.last
        await self._end(last)

    def _give(self, listener: Listener, page: Page) -> None:
        if listener.position >= page.extent.until:
            return
        if fits(page.extent, listener.position):
            listener.position = page.extent.until
            listener.take(page.payload)
        elif self._backlog:
            self._members.discard(listener)
            apart = asyncio.create_task(self._bring(listener, self._backlog), name="catch up")
            self._apart.add(apart)
            apart.add_done_callback(self._apart.discard)

    async def _bring(self, listener: Listener, backlog: Backlog) -> None:
        """Read a listener what it misses, at its own pace, until it can be told with the others."""
        extended = False
        try:
            while not (listener.gone or self.over):
                await listener.room()
                match backlog.behind(listener.position):
                    case Rest(until, shows=False):
                        head = Head(backlog.epoch, max(until, backlog.end))
                        empty = await self._greetings.at(until, head)
                        listener.position = until
                        listener.take(empty)
                    case Rest(until):
                        await self._read_alone(listener, backlog, until)
                    case Before(start):
                        if not extended and start - listener.position <= REACH:
                            extended = True
                            await backlog.extend(listener.position)
                        else:
                            await self._read_alone(listener, backlog, start)
                    case pages:
                        if self._caught_up(listener, pages):
                            return
                        await asyncio.sleep(0)
        except Failed as failed:
            listener.complete(failed.last)
        else:
            listener.complete(self._last)

    def _caught_up(self, listener: Listener, pages: Sequence[Page]) -> bool:
        """Give a listener some of the pages that it misses; whether it is a member with the last."""
        for page in pages[:AT_ONCE]:
            if listener.gone or not listener.roomy:
                return False
            listener.position = page.extent.until
            listener.take(page.payload)
        if len(pages) > AT_ONCE:
            return False
        if not listener.gone:
            self._members.add(listener)
        return True

    async def _read_alone(self, listener: Listener, backlog: Backlog, until: Position) -> None:
        async with aclosing(backlog.read(listener.position, until)) as pages:
            async for page in pages:
                if listener.gone:
                    return
                listener.position = page.extent.until
                listener.take(page.payload)
                await listener.room()

    async def _end(self, last: bytes | None) -> None:
        self.over, self._last = True, last
        await self._members.each(self._complete)

    def _complete(self, listener: Listener) -> None:
        self._members.discard(listener)
        listener.complete(self._last)
