"""What every resolver has at hand: who asks, and the services that answer.

A context lives as long as its connection, which over a WebSocket may be days.
"""

from __future__ import annotations

from dataclasses import dataclass

import strawberry

from mnemos_graph.feed import cursor
from mnemos_graph.memory.services import Services
from mnemos_graph.model import START, Access, OrganizationId, Position
from mnemos_schema.loaders import Loaders
from mnemos_schema.scalars import Cursor


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom the request's credentials belong to, and what they allow."""

    access: Access
    role: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cursors:
    """Cursors into one organization's log, within its present epoch."""

    organization: OrganizationId
    epoch: int

    def at(self, position: Position) -> Cursor:
        return Cursor(cursor.encode(self.organization, self.epoch, position))


class Context:
    def __init__(self, caller: Caller, services: Services, *, introspection: bool = True) -> None:
        """Bind ``caller`` to ``services``; ``introspection``: whether they may see the schema."""
        self.caller = caller
        self.services = services
        self.introspection = introspection
        self.load = Loaders(services.store, caller.access)

    @property
    def access(self) -> Access:
        return self.caller.access

    async def cursors(self) -> Cursors:
        (head,) = await self.services.store.heads([self.access])
        return Cursors(self.access.organization, head.epoch)

    async def cursor(self, position: Position | None = None) -> Cursor:
        """Return the cursor of a position; without one, of the log's end."""
        (head,) = await self.services.store.heads([self.access])
        at = head.position if position is None else position
        return Cursors(self.access.organization, head.epoch).at(at)

    async def position(self, after: Cursor | None) -> Position:
        """Return the position that a client's cursor stands for; without one, the log's beginning.

        Raises:
            BadInput: it is no cursor of this organization's log.
            CursorExpired: the log no longer has what comes after it.
        """
        if after is None:
            return START
        (head,) = await self.services.store.heads([self.access])
        return cursor.decode(self.access.organization, head, after)


Info = strawberry.Info[Context, None]
