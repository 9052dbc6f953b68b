"""Nested reads, gathered into one call to the store for all items of a list.

Loaders batch and never cache: a context may outlive what it read by days.
"""

from __future__ import annotations

from collections.abc import Sequence

from strawberry.dataloader import DataLoader

from mnemos_graph.model import Access, Memory, Record, RecordId, Version
from mnemos_graph.store import GraphStore, VersionRef


class Loaders:
    def __init__(self, store: GraphStore, access: Access) -> None:
        self._store = store
        self._access = access
        self.memory: DataLoader[RecordId, Memory | None] = DataLoader(self._memories, cache=False)
        self.version: DataLoader[VersionRef, Version[Record] | None] = DataLoader(
            self._versions, cache=False
        )

    async def _memories(self, ids: Sequence[RecordId]) -> list[Memory | None]:
        found = await self._store.get(self._access, Memory, set(ids))
        return [found.get(each) for each in ids]

    async def _versions(self, refs: Sequence[VersionRef]) -> list[Version[Record] | None]:
        found = await self._store.versions(self._access, Record, set(refs))
        return [found.get(each) for each in refs]
