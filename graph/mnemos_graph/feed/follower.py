"""One organization's log, read once for everybody in this process who listens to it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Protocol

from mnemos_graph.ending import end
from mnemos_graph.errors import TryLater, Unavailable
from mnemos_graph.model import Access, Change, ChangeKind, Head, Position
from mnemos_graph.store import GraphStore

RING = 4_096
"""Recent changes kept ready, so that listeners who keep up never ask the store."""
PAGE = 500
"""Changes in one read, until the change set that reaches it ends."""
RETRY_SECONDS = 0.5

log = logging.getLogger(__name__)


class Watcher(Protocol):
    """Told at once, in the loop, what a follower learns: before any listener hears of it."""

    def changed(self, changes: Sequence[Change]) -> None:
        """Take in whole change sets, in order and without a gap; they end at the follower's head."""
        ...

    def checked(self) -> None:
        """Take in that the store was asked where the log ends, and whether it is another epoch."""
        ...


class Follower:
    """Reads behind the log's end and keeps a ring of what it read last.

    ``access`` must read the whole organization; what a listener may see is the feed's business.
    """

    def __init__(
        self,
        store: GraphStore,
        access: Access,
        head: Position,
        erased: Callable[[], None] = lambda: None,
    ) -> None:
        """``erased`` is called wherever the log tells that something was erased."""
        self._store = store
        self._access = access
        self._erased = erased
        self._ring: deque[Change] = deque(maxlen=RING)
        self._hinted = asyncio.Event()
        self._grown = asyncio.Event()
        self._reading = asyncio.Lock()
        self.organization = access.organization
        self._watchers: list[Watcher] = []
        self.head = head
        """How far the log was read."""
        self.known = head
        """The furthest that the log is said to reach."""
        self.end: Head | None = None
        """Where the log ended when the store was last asked."""
        self.check = 0
        """The number of that check: see ``Feed.checks``."""
        self.checked_at = float("-inf")
        """When that check was sent, by the feed's clock."""
        self.closed = False
        self._task = asyncio.create_task(self._follow(), name=f"follow {access.organization}")

    def watch(self, watcher: Watcher) -> None:
        """Tell ``watcher`` too, from now on."""
        self._watchers.append(watcher)

    def hint(self, position: Position) -> None:
        """Look at the log if it may have grown beyond what was read."""
        if position > self.head:
            self.known = max(self.known, position)
            self._hinted.set()

    def learn(self, end: Head, check: int, at: float, known: Position) -> None:
        """Take in what the check of this number, sent ``at`` this time, found.

        ``known`` is what was known when it was sent: a hint beyond the log's end is dropped, unless
        it came since.
        """
        if check <= self.check:
            return
        if self.end is not None and end.epoch != self.end.epoch:
            self._ring.clear()
            self.head = self.known = end.position
            self._wake()
        elif self.known == known:
            self.known = max(self.head, end.position)
        self.end, self.check, self.checked_at = end, check, at
        self.hint(end.position)
        for watcher in self._watchers:
            watcher.checked()

    async def close(self) -> None:
        """End every listener and the reading."""
        self.closed = True
        self._grown.set()
        await end(self._task)

    async def reach(self, position: Position) -> None:
        """Read the log up to ``position``, or as far as it goes.

        Raises:
            MnemosError: the store could not be read.
        """
        async with self._reading:
            while self.head < position and await self._read():
                pass

    async def behind(self, position: Position, epoch: int, limit: int = PAGE) -> Sequence[Change]:
        """Return about ``limit`` changes behind ``position``, whole sets; wait while there are none.

        Empty only when the follower was closed.

        Raises:
            Unavailable: a later epoch than this one began.
            MnemosError: the position is older than the ring, and the store could not be read.
        """
        while not self.closed:
            if self.end is not None and self.end.epoch > epoch:
                raise Unavailable(
                    "The log was taken over by a restore or a migration. Follow it again from the "
                    "last `position`."
                )
            if position >= self.head:
                await self._grown.wait()
            elif (recent := self.recent(position, limit)) is not None:
                return recent
            else:
                return await self._store.changes(self._access, after=position, limit=limit)
        return ()

    def recent(self, position: Position, limit: int) -> Sequence[Change] | None:
        """Return what was read behind ``position``, as the store would; None: it is not kept."""
        if position >= self.head:
            return ()
        skip = len(self._ring) - (self.head - position)
        if skip < 0:
            return None
        found = list(islice(self._ring, skip, skip + max(limit, 1)))
        missing = found[-1].commit_end - found[-1].position
        return found + list(islice(self._ring, skip + len(found), skip + len(found) + missing))

    async def _follow(self) -> None:
        away = False
        while True:
            await self._hinted.wait()
            self._hinted.clear()  # before the read: a hint during it must not be lost
            try:
                await self.reach(self.known)
                away = False
            except TryLater:
                if not away:
                    log.warning("the log cannot be read now; trying again until it can")
                away = True
                await asyncio.sleep(RETRY_SECONDS)
                self._hinted.set()
            except Exception:  # whoever listens must not wait for ever
                log.exception("the log cannot be read")
                await asyncio.sleep(RETRY_SECONDS)
                self._hinted.set()

    async def _read(self) -> bool:
        """Append what is behind the head up to the first hole; return whether there was any."""
        before = self.head
        changes = await self._store.changes(self._access, after=before, limit=PAGE)
        if before != self.head:
            return True  # another epoch began meanwhile: what was read is not behind its end
        dense = [each for place, each in enumerate(changes, before + 1) if each.position == place]
        if not dense:
            return False
        if any(each.kind is ChangeKind.ERASED for each in dense):
            self._ring.clear()  # it may name what the log now leaves blank
            self._erased()
        self._ring.extend(dense)
        self.head = dense[-1].position
        for watcher in self._watchers:
            watcher.changed(dense)
        self._wake()
        return True

    def _wake(self) -> None:
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()
