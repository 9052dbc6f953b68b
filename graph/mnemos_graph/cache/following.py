"""Whether what is kept may be believed: it is when the log was looked at a moment ago."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from mnemos_graph.cache.bounded import Bounded
from mnemos_graph.cache.flight import Flight
from mnemos_graph.cache.known import Known
from mnemos_graph.cache.tasks import Tasks
from mnemos_graph.errors import MnemosError, Unavailable
from mnemos_graph.feed import Feed, Follower
from mnemos_graph.model import Head, OrganizationId, Position

FRESH_SECONDS = 2.0
"""How long ago the check of where the log ends may have been sent."""
PATIENCE_SECONDS = 2.0
"""How long a caller may wait for a position that somebody else was told."""
_AGAIN_SECONDS = 0.05
_ROUNDS = 4

log = logging.getLogger(__name__)


class Following:
    """What is known of each organization, and how fresh it is."""

    def __init__(self, feed: Feed, most_bytes: int) -> None:
        self.bounded = Bounded(most_bytes)
        self.tasks = Tasks()
        self._soon = Tasks()
        self._feed = feed
        self._known: dict[OrganizationId, Known] = {}

    @property
    def checks(self) -> int:
        """How many checks were begun: one with a larger number sees all that is there now."""
        return self._feed.checks

    def known(self, organization: OrganizationId) -> Known | None:
        """Return what is known of an organization; None: its log is not followed."""
        known = self._known.get(organization)
        return None if known is None or known.follower.closed else known

    async def open(self, organization: OrganizationId) -> Known:
        """Return what is known of an organization, whose log is followed from now on.

        Raises:
            MnemosError: the store cannot be read.
        """
        known = self.known(organization)
        if known is not None:
            return known
        return await self.tasks.join(("open", organization), partial(self._open, organization))

    def open_soon(self, organization: OrganizationId) -> None:
        self.tasks.start(("open", organization), partial(self._open, organization))

    def is_ready(self, known: Known, beyond: int = 0) -> bool:
        """Return whether all that is known to be in the log was read, and was looked for just now.

        ``beyond``: a check with a larger number must have said so.
        """
        follower = known.follower
        return follower.head >= follower.known and self._is_checked(known, beyond)

    async def ready(self, known: Known, beyond: int = 0) -> bool:
        """Look at the log, and return whether what is known can be believed at this moment.

        Raises:
            MnemosError: the store cannot be read.
        """
        follower = known.follower
        beyond, need = max(beyond, known.distrusted), follower.known
        for _ in range(_ROUNDS):
            if not self._is_checked(known, beyond):
                need = await self._check(follower, need)
            elif follower.head >= need:
                return True
            else:
                await follower.reach(need)
                if follower.head < need:
                    need = await self._check(follower, need)
        return False

    def head(self, known: Known) -> Head | None:
        """Return where the log ended as far as it was read."""
        end = known.follower.end
        return None if end is None else Head(end.epoch, known.follower.head, end.began)

    def distrust(self, known: Known) -> None:
        """Believe nothing before another look at the log."""
        known.distrusted = self.checks
        known.doubts += 1

    def landed(self, known: Known, flight: Flight) -> None:
        """Take note that an answer came in, which is kept once its position is known."""
        if flight in known.flights:
            flight.landed = self.checks
            self._soon.start("settle", self._settle_soon)

    async def wait_for(self, organization: OrganizationId, position: Position) -> None:
        """Wait until this process has read the log up to a position that a caller was told.

        Raises:
            Unavailable: it has not after two seconds.
        """
        known = await self.open(organization)
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while known.follower.head < position:
            await self.ready(known, self.checks)
            if known.follower.head >= position:
                return
            if asyncio.get_running_loop().time() >= deadline:
                raise Unavailable(
                    "The position that was asked for is not known here yet. Ask again in a moment."
                )
            await asyncio.sleep(_AGAIN_SECONDS)

    async def settle(self) -> None:
        """Wait until whatever was read until now is kept, or known not to be worth it.

        Raises:
            MnemosError: the store cannot be read.
        """
        while self.tasks or self._waiting():
            await self.tasks.wait()
            await self._settle(self._waiting())

    async def close(self) -> None:
        """End all that is being read."""
        await self._soon.close()
        await self.tasks.close()

    async def _open(self, organization: OrganizationId) -> Known:
        follower = await self._feed.open(organization)
        known = self._known[organization] = Known(follower, self.bounded)
        follower.watch(known)
        return known

    def _is_checked(self, known: Known, beyond: int) -> bool:
        follower = known.follower
        recent = self._feed.clock() - follower.checked_at < FRESH_SECONDS
        return recent and follower.check > max(beyond, known.distrusted)

    async def _check(self, follower: Follower, need: Position) -> Position:
        """Ask where the log ends; return up to where it must be read."""
        organization = follower.organization
        check = partial(self._feed.check, (organization,))
        await self.tasks.join(("check", organization), check)
        end = follower.end.position if follower.end else need
        return max(min(need, follower.known), end)

    def _waiting(self) -> list[Known]:
        return [
            known
            for known in self._known.values()
            if not known.follower.closed
            and any(flight.landed is not None for flight in known.flights)
        ]

    async def _settle_soon(self) -> None:
        try:
            while waiting := self._waiting():
                await asyncio.sleep(_AGAIN_SECONDS)
                await self._settle(waiting)
        except MnemosError:
            log.warning("what was read is not kept for now: the store cannot be read")

    async def _settle(self, waiting: list[Known]) -> None:
        followers = [known.follower for known in waiting]
        await self._feed.check([each.organization for each in followers])
        for follower in followers:
            await follower.reach(follower.known)
