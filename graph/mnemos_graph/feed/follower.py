"""One organization's log, read once for everybody in this process who listens to it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from itertools import islice

from mnemos_graph.errors import MnemosError, Unavailable
from mnemos_graph.model import Access, Change, Position
from mnemos_graph.store import GraphStore

RING = 4_096
"""Recent changes kept ready, so that listeners who keep up never ask the store."""
PAGE = 500
"""Changes in one read, until the change set that reaches it ends."""
RETRY_SECONDS = 0.5

log = logging.getLogger(__name__)


class Follower:
    """Reads behind the log's end and keeps a ring of what it read last.

    ``access`` must read the whole organization; what a listener may see is the feed's business.
    """

    def __init__(self, store: GraphStore, access: Access, head: Position) -> None:
        self._store = store
        self._access = access
        self._ring: deque[Change] = deque(maxlen=RING)
        self._hint = head
        self._hinted = asyncio.Event()
        self._grown = asyncio.Event()
        self.head = head
        self.closed = False
        self._task = asyncio.create_task(self._follow(), name=f"follow {access.organization}")

    def hint(self, position: Position) -> None:
        """Look at the log if it may have grown beyond what was read."""
        if position > self._hint:
            self._hint = position
            self._hinted.set()

    async def close(self) -> None:
        """End every listener and the reading."""
        self.closed = True
        self._grown.set()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def behind(self, position: Position) -> Sequence[Change]:
        """Return the changes behind ``position``, whole change sets; wait while there are none.

        Empty only when the follower was closed.

        Raises:
            MnemosError: the position is older than the ring, and the store could not be read.
        """
        while not self.closed:
            if position >= self.head:
                await self._grown.wait()
            elif position >= self.head - len(self._ring):
                return self._from_ring(position)
            else:
                return await self._store.changes(self._access, after=position, limit=PAGE)
        return ()

    def _from_ring(self, position: Position) -> list[Change]:
        skip = len(self._ring) - (self.head - position)
        found = list(islice(self._ring, skip, skip + PAGE))
        end = found[-1].commit_end
        missing = end - found[-1].position
        return found + list(islice(self._ring, skip + len(found), skip + len(found) + missing))

    async def _follow(self) -> None:
        while True:
            await self._hinted.wait()
            self._hinted.clear()  # before the read: a hint during it must not be lost
            try:
                while self.head < self._hint and await self._read():
                    pass
            except Unavailable:
                log.warning("the log cannot be read now; trying again")
                await asyncio.sleep(RETRY_SECONDS)
                self._hinted.set()
            except MnemosError:
                log.exception("the log cannot be read")
                await asyncio.sleep(RETRY_SECONDS)
                self._hinted.set()

    async def _read(self) -> bool:
        """Append what is behind the head up to the first hole; return whether there was any."""
        changes = await self._store.changes(self._access, after=self.head, limit=PAGE)
        for change in changes:
            if change.position != self.head + 1:
                break
            self._ring.append(change)
            self.head = change.position
        if changes:
            grown, self._grown = self._grown, asyncio.Event()
            grown.set()
        return bool(changes)
