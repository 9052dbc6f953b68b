"""What changes are about, read once for all listeners who ask for it in the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from mnemos_graph.model import Access, Record, Version
from mnemos_graph.store import GraphStore, VersionRef

Found = Mapping[VersionRef, Version[Record]]


class _Round(NamedTuple):
    """One read that has not begun, so that others may still join it."""

    refs: set[VersionRef]
    reading: asyncio.Task[Found]


class Subjects:
    """Listeners wake together and ask alike: those with the same rights share one read.

    Nothing is kept, and nobody joins a read that has begun: what was erased is not seen again.
    It belongs to the event loop that uses it.
    """

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self._open: dict[Access, _Round] = {}

    async def versions(self, access: Access, refs: Collection[VersionRef]) -> Found:
        """Return at least those of ``refs`` that are there for ``access``, as the store does.

        Raises:
            MnemosError: the store could not be read.
        """
        rights = replace(access, actor="system")
        joined = self._open.get(rights)
        if joined is None:
            joined = _Round(set(), asyncio.create_task(self._read(rights), name="read subjects"))
            self._open[rights] = joined
        joined.refs.update(refs)
        # One listener that leaves must not end the others' read.
        return await asyncio.shield(joined.reading)

    async def _read(self, rights: Access) -> Found:
        return await self._store.versions(rights, Record, self._open.pop(rights).refs)
