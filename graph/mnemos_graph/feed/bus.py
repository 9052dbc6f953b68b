"""How a process hears that a log has grown.

A hint says "organization X is now at n". It may be lost, late or doubled: whoever needs to know
reads the log. Hints save waiting, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mnemos_graph.model import OrganizationId, Position

Hear = Callable[[OrganizationId, Position], None]
Missed = Callable[[], None]


class Bus(Protocol):
    @property
    def connected(self) -> bool:
        """Whether the hints of other processes are heard now."""
        ...

    async def publish(self, organization: OrganizationId, position: Position) -> None:
        """Hint to every listener of every process. Never raises: a lost hint costs a delay."""
        ...

    def listen(self, hear: Hear, missed: Missed) -> Callable[[], None]:
        """Call ``hear`` in the loop with every hint, until the function returned is called.

        ``missed`` is called when hints are heard (again) and earlier ones may have been lost.
        """
        ...


class LocalBus:
    """The bus of a program that is one process."""

    connected = True

    def __init__(self) -> None:
        self._listeners: list[Hear] = []

    async def publish(self, organization: OrganizationId, position: Position) -> None:
        for hear in tuple(self._listeners):
            hear(organization, position)

    def listen(self, hear: Hear, missed: Missed) -> Callable[[], None]:
        self._listeners.append(hear)
        return lambda: self._listeners.remove(hear)
