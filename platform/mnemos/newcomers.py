"""Documents that nobody sent before: what they cost, and who parses next."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque

from mnemos.door import Door
from mnemos_graph.identity import Caller
from mnemos_graph.model import OrganizationId
from mnemos_schema.documents import is_known

CHARACTERS = 1_000
"""Of a new document that cost as much as a request does; parsing and validating them takes 2 ms."""
MOST_COST = 20
"""In requests, of one document: what is longer is values, or is refused."""


class Newcomers:
    """One new document at a time, organization after organization; whoever is known goes past.

    Nothing can be done beside parsing, so between two of them the loop goes round once, in which
    everybody else gets on.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._waiting: OrderedDict[OrganizationId, deque[asyncio.Future[None]]] = OrderedDict()
        self._busy = False

    async def announce(self, caller: Caller, document: str | None) -> None:
        """Wait until a document may be parsed, at once, and count what that costs its caller.

        Raises:
            RateLimited: the caller sends more of them than it may.
        """
        if not document or is_known(document):
            return
        cost = min(MOST_COST, 1 + len(document) // CHARACTERS)
        await self._door.count(caller, cost)
        if self._busy:
            await self._turn(caller.access.organization)
        self._busy = True
        asyncio.get_running_loop().call_soon(self._next)

    async def _turn(self, organization: OrganizationId) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(organization, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was given the turn as it gave up
                self._next()
            raise

    def _next(self) -> None:
        while self._waiting:
            organization, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[organization] = turns
            if not turn.done():
                turn.set_result(None)
                return
        self._busy = False
