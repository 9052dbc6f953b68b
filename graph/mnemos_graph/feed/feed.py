"""The log as a stream: history, then live, in order, nothing missing and nothing twice."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Self

from mnemos_graph.errors import Moved, TryLater
from mnemos_graph.feed.bus import Bus
from mnemos_graph.feed.follower import PAGE, Follower
from mnemos_graph.feed.subjects import Subjects
from mnemos_graph.model import START, Access, Change, Head, OrganizationId, Position
from mnemos_graph.store import GraphStore

CHECK_SECONDS = 1.0
"""How often the store is asked for the heads, so that a lost hint costs no more than this."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Changes in order, never half of what was committed together."""

    changes: tuple[Change, ...]
    position: Position
    """Where to go on from: the last position examined, also where its change was hidden."""
    has_more: bool


class Feed:
    """Every listener of this process, over one follower for each organization.

    Open it inside the event loop that uses it, with ``async with``.
    """

    def __init__(
        self, store: GraphStore, bus: Bus, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.subjects = Subjects(store)
        self.clock = clock
        """Seconds, by which checks are dated."""
        self.checks = 0
        """How many checks were begun. One with a larger number sees all that was there before."""
        self.on_erasure: Callable[[], None] = lambda: None
        """Called when something was erased, here or elsewhere, from a log followed from now on."""
        self.erasures: Counter[OrganizationId] = Counter()
        """How often something was seen to be erased from an organization's log. Whoever keeps what
        was read from it lets go of that when the number has grown."""
        self._store = store
        self._bus = bus
        self._followers: dict[OrganizationId, Follower] = {}
        self._asked: dict[OrganizationId, asyncio.Task[Head]] = {}
        self._closed = False
        self._missed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._unlisten = self._bus.listen(self._hear, self._missed.set)
        self._checking = asyncio.create_task(self._check_heads(), name="check heads")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closed = True
        self._unlisten()
        self._checking.cancel()
        await asyncio.gather(
            self._checking,
            *(follower.close() for follower in self._followers.values()),
            return_exceptions=True,
        )

    @property
    def hears_others(self) -> bool:
        """Whether hints of other processes come in now, so that nothing waits for a check."""
        return self._bus.connected

    async def read(self, access: Access, after: Position = START, limit: int = 100) -> FeedPage:
        """Return the oldest changes behind ``after``: about ``limit``, until a change set ends."""
        (head,) = await self._store.heads([access])
        changes = await self._store.changes(_whole(access), after=after, limit=limit)
        return _page(access, changes, after, head.position)

    async def follow(
        self, access: Access, after: Position | None = None
    ) -> AsyncGenerator[FeedPage, None]:
        """Yield pages behind ``after``, without one from now on, until the feed is closed.

        The first page says where the stream starts and may be empty: every change committed
        after it was yielded is delivered. A page whose changes the access may not see is empty
        and moves the position on.

        Raises:
            Unavailable: the store cannot be read for it, or another epoch of the log began: whoever
                follows then begins again from its cursor.
        """
        follower = await self.open(access.organization)
        head = follower.end or Head(0, follower.head)
        position = head.position if after is None else after
        yield FeedPage((), position, has_more=position < head.position)
        async with aclosing(self.behind(access, position, head.epoch)) as pages:
            async for page in pages:
                yield page

    async def behind(
        self,
        access: Access,
        after: Position,
        epoch: int,
        *,
        until: Position | None = None,
        at_most: int = PAGE,
    ) -> AsyncGenerator[FeedPage, None]:
        """Yield pages behind ``after``, a position of this epoch, as ``follow`` does behind its first.

        Args:
            access: whose pages these are.
            after: a position that the log of this process has reached.
            epoch: of the log as ``after`` was read.
            until: where to end; a change set ends there. None: where the feed is closed.
            at_most: changes in a page, until the change set that reaches it ends.

        Raises:
            Unavailable: as ``follow`` says.
        """
        follower = self.follower(access.organization, after)
        position = after
        while until is None or position < until:
            changes = await follower.behind(position, epoch, at_most)
            if not changes:
                return
            if until is not None:
                changes = [each for each in changes if each.position <= until]
            page = _page(access, changes, position, follower.head)
            position = page.position
            yield page

    async def head(self, organization: OrganizationId) -> Head:
        """Return where the log ends, which is read once for all who ask before the read begins.

        Raises:
            MnemosError: the store could not be read.
        """
        asked = self._asked.get(organization)
        if asked is None:
            asked = asyncio.create_task(self._head(organization), name="read a head")
            self._asked[organization] = asked
        return await asyncio.shield(asked)  # one who leaves must not end the others' read

    def known(self, organization: OrganizationId) -> Head | None:
        """Return how far this process has read a log, of the epoch that the last check found.

        None: it follows no such log, or could not ask for its head when it was to.
        """
        follower = self._followers.get(organization)
        if follower is None or follower.closed or follower.end is None:
            return None
        if self.clock() - follower.checked_at > 2 * CHECK_SECONDS:
            return None
        return Head(follower.end.epoch, follower.head, follower.end.began)

    async def boundary(self, organization: OrganizationId, position: Position) -> Position:
        """Return where the change set ends that a position of the log lies in.

        Raises:
            MnemosError: the store could not be read.
        """
        before = Position(position - 1)
        follower = self._followers.get(organization)
        changes = follower.recent(before, 1) if follower and position else ()
        if not changes and position:
            changes = await self._store.changes(_reader(organization), after=before, limit=1)
        return changes[0].commit_end if changes else position

    def follower(self, organization: OrganizationId, head: Position) -> Follower:
        """Return the one that reads this organization's log, from now on where there was none."""
        follower = self._followers.get(organization)
        if follower is None or follower.closed:
            erased = partial(self._erased, organization)
            follower = Follower(self._store, _reader(organization), head, erased)
            self._followers[organization] = follower
        follower.hint(head)
        return follower

    async def open(self, organization: OrganizationId) -> Follower:
        """Return an organization's follower, after asking the store where the log ends.

        Raises:
            MnemosError: the store could not be read.
        """
        follower, _ = await self._opened(organization)
        return follower

    async def check(self, organizations: Collection[OrganizationId]) -> None:
        """Ask the store where the logs of these organizations end, and tell their followers.

        Raises:
            MnemosError: the store could not be read.
        """
        asked = {each: self._followers[each] for each in organizations if each in self._followers}
        if not asked:
            return
        self.checks += 1
        check, at = self.checks, self.clock()
        known = [follower.known for follower in asked.values()]
        try:
            heads = await self._store.heads([_reader(each) for each in asked])
        except Moved:
            await self._leave_moved(asked)
            return
        for follower, head, before in zip(asked.values(), heads, known, strict=True):
            follower.learn(head, check, at, before)

    async def _head(self, organization: OrganizationId) -> Head:
        del self._asked[organization]
        _, head = await self._opened(organization)
        return head

    async def _opened(self, organization: OrganizationId) -> tuple[Follower, Head]:
        self.checks += 1
        check, at = self.checks, self.clock()
        before = self._followers.get(organization)
        known = before.known if before else START
        (head,) = await self._store.heads([_reader(organization)])
        follower = self.follower(organization, head.position)
        follower.learn(head, check, at, known if follower is before else follower.known)
        return follower, head

    def _erased(self, organization: OrganizationId) -> None:
        self.erasures[organization] += 1
        self.on_erasure()

    async def _leave_moved(self, organizations: Collection[OrganizationId]) -> None:
        """End the streams of those that live in another store by now; the others go on."""
        for each in organizations:
            try:
                await self._store.heads([_reader(each)])
            except Moved:
                log.warning("%s was moved to another store", each)
                await self._followers.pop(each).close()

    def _hear(self, organization: OrganizationId, position: Position) -> None:
        if follower := self._followers.get(organization):
            follower.hint(position)

    async def _check_heads(self) -> None:
        away = False
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECK_SECONDS):
                    await self._missed.wait()
            self._missed.clear()
            try:
                await self.check(self._followers)
                away = False
            except TryLater:
                if not away:
                    log.warning("the heads of the logs cannot be read now; trying every second")
                away = True
            except Exception:
                log.exception("the heads of the logs cannot be read")


def _reader(organization: OrganizationId) -> Access:
    return Access(organization, "system")


def _whole(access: Access) -> Access:
    return _reader(access.organization)


def _page(access: Access, changes: Sequence[Change], after: Position, head: Position) -> FeedPage:
    last = changes[-1].position if changes else after
    seen = tuple(each for each in changes if _may_see(access, each))
    return FeedPage(seen, last, has_more=last < head)


def _may_see(access: Access, change: Change) -> bool:
    return change.scope is None or access.may_read(change.scope.partition)
