"""The writing end of the log: commit, then tell."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from mnemos_graph.feed.bus import Bus
from mnemos_graph.model import Access
from mnemos_graph.store import ChangeSet, Committed, GraphStore

handing_over: ContextVar[Callable[[], None]] = ContextVar("handing_over", default=lambda: None)
"""Called before a change set is handed to the store: from then on its caller must not be cancelled,
or somebody would be told that nothing was written while it was."""


class Journal:
    """The one way in which the product writes."""

    def __init__(self, store: GraphStore, bus: Bus) -> None:
        self.store = store
        self._bus = bus

    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        """Commit as the store promises and publish the position, in this order."""
        handing_over.get()()
        committed = await self.store.commit(access, change_set)
        await self._bus.publish(access.organization, committed.last)
        return committed
