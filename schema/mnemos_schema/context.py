"""What every resolver has at hand: who asks, and the services that answer.

A context belongs to one operation, which may be a subscription that goes on for days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import strawberry

from mnemos_graph.feed import cursor
from mnemos_graph.identity import Caller, Keys
from mnemos_graph.memory.services import Services
from mnemos_graph.model import START, Access, OrganizationId, Position
from mnemos_graph.store import View
from mnemos_schema.deadline import OPERATION_SECONDS
from mnemos_schema.loaders import Loaders
from mnemos_schema.reading import Extent, Greeting, Stretch
from mnemos_schema.scalars import Cursor
from mnemos_schema.turns import Turns
from mnemos_schema.vantage import Vantage


@dataclass(frozen=True, slots=True)
class Cursors:
    """Cursors into one organization's log, within its present epoch."""

    organization: OrganizationId
    epoch: int

    def at(self, position: Position) -> Cursor:
        return Cursor(cursor.encode(self.organization, self.epoch, position))


class Delivered(NamedTuple):
    """How far a listener was told, in two forms; they compare by position."""

    position: Position
    cursor: Cursor


class Context:
    def __init__(
        self,
        caller: Caller,
        services: Services,
        keys: Keys,
        *,
        operation_seconds: float = OPERATION_SECONDS,
        introspection: bool = True,
        turns: Turns | None = None,
        reading: Greeting | Stretch | None = None,
    ) -> None:
        """Bind ``caller`` to ``services``.

        Args:
            caller: who asks.
            services: what answers.
            keys: what an admin may look after.
            operation_seconds: how long a query or mutation may take.
            introspection: whether the caller may see the schema.
            turns: those that queries wait for; None: nobody waits.
            reading: the part of the log to tell, in place of what the arguments of ``changes`` say.
        """
        self.caller = caller
        self.services = services
        self.keys = keys
        self.operation_seconds = operation_seconds
        self.introspection = introspection
        self.turns = turns
        self.finishes = False
        """Whether this is a query or mutation, which comes to an end by itself."""
        self.delivered: Delivered | None = None
        """Where a subscription stands: its listener has everything up to here."""
        self.after: Position | None = None
        """The position that the request carried: its answer is not older, and goes on from there."""
        self.reading = reading
        self.extent: Extent | None = None
        """What the page covers that a subscription to the log answered last."""
        self.load = Loaders(services.store, services.feed.subjects, caller.access)

    @property
    def access(self) -> Access:
        return self.caller.access

    def now(self) -> Vantage:
        """Return the moment at which a question came in, from where all is seen."""
        return Vantage(self.access.organization, View(self.services.clock()))

    async def look(
        self, as_of: datetime | None, known_at: datetime | None, *, everything: bool = False
    ) -> Vantage:
        """Return the (asOf, knownAt) that a question names, from where all below it is seen."""
        return replace(await self.look_again(self.now(), as_of, known_at), everything=everything)

    async def look_again(
        self, seen: Vantage, as_of: datetime | None, known_at: datetime | None
    ) -> Vantage:
        """Return ``seen``, turned to other instants where they are given."""
        view = seen.view
        if as_of is not None:
            view = replace(view, as_of=as_of)
        if known_at is not None:
            view = replace(view, known_at=await self.load.position.load(known_at))
        return replace(seen, view=view)

    async def cursors(self) -> Cursors:
        (head,) = await self.services.store.heads([self.access])
        return Cursors(self.access.organization, head.epoch)

    async def cursor(self, position: Position | None = None) -> Cursor:
        """Return the cursor of a position; without one, of the log's end."""
        (head,) = await self.services.store.heads([self.access])
        at = head.position if position is None else position
        return Cursors(self.access.organization, head.epoch).at(at)

    async def go_on(self, after: Cursor) -> None:
        """Answer as somebody is answered who was told everything up to a position.

        Raises:
            BadInput, CursorExpired, Unavailable: as ``position`` says.
        """
        self.after = await self.position(after)

    async def position(self, after: Cursor | None) -> Position:
        """Return the position that a client's cursor stands for; without one, the log's beginning.

        What was committed up to there is seen from now on, whichever process told the client of it.

        Raises:
            BadInput: it is no cursor of this organization's log.
            CursorExpired: the log no longer has what comes after it.
            Unavailable: this process has not read the log up to there within two seconds.
        """
        if after is None:
            return START
        organization = self.access.organization
        await self.services.wait_for(organization, cursor.told(organization, after))
        (head,) = await self.services.store.heads([self.access])
        return cursor.decode(organization, head, after)


Info = strawberry.Info[Context, None]
