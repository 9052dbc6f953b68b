"""Whether what other processes commit and embed has its vectors yet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from mnemos_graph.memory.indexing.embedding import Embeddings
from mnemos_graph.model import (
    START,
    Access,
    Change,
    ChangeKind,
    Memory,
    OrganizationId,
    Position,
    RecordId,
    RecordKind,
)
from mnemos_graph.store import GraphStore

LOOKS_SECONDS = 0.1
"""How often it is looked while somebody waits."""
PAGE = 500

ReadsMark = Callable[[Access], Awaitable[Position | None]]
"""Reads up to where whoever embeds what is left over has given every memory its vectors."""


class Kept:
    def __init__(self, store: GraphStore, embeddings: Embeddings, mark: ReadsMark) -> None:
        self._store = store
        self._embeddings = embeddings
        self._mark = mark
        self._known: dict[OrganizationId, Position] = {}

    async def passed(self, access: Access, position: Position) -> None:
        """Wait until what was committed up to ``position`` has its vectors.

        Looks for the vectors themselves behind the mark, which is noted only now and then. What the
        model breaks on has none, and is passed when the mark is.
        """
        known = self._known.get(access.organization, START)
        while known < position:
            known = max(known, await self._look(access, known, position))
            self._known[access.organization] = known
            if known < position:
                await asyncio.sleep(LOOKS_SECONDS)

    async def _look(self, access: Access, known: Position, wanted: Position) -> Position:
        """Return up to where everything is kept: as far as this can tell with a few reads."""
        mark = await self._mark(access)
        if mark is None:  # nobody has looked at what is older than the log's retained part
            return START
        known = max(known, mark)
        while known < wanted:
            changes = await self._store.changes(access, after=known, limit=PAGE)
            if not changes or not await self._all_kept(access, changes):
                break
            known = changes[-1].position
        return known

    async def _all_kept(self, access: Access, changes: Sequence[Change]) -> bool:
        changed = memories_changed(changes)
        if not changed:
            return True
        live = await self._store.get(access, Memory, changed)
        return not await self._embeddings.lacking(access, list(live.values()))


def memories_changed(changes: Sequence[Change]) -> list[RecordId]:
    """Return the memories that were created or updated, each once."""
    written = (ChangeKind.CREATED, ChangeKind.UPDATED)
    return list(
        dict.fromkeys(
            change.subject_id
            for change in changes
            if change.subject_type is RecordKind.MEMORY and change.kind in written
        )
    )
