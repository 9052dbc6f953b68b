"""Who else told what is known, as one decision leaves it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mnemos_graph.memory.reading import every
from mnemos_graph.model import (
    Access,
    Latch,
    RecordId,
    Scope,
    Support,
    latch_id,
    support_id,
)
from mnemos_graph.store import Equal, Erase, Find, GraphStore, Operation, Put


class Supports:
    def __init__(self, store: GraphStore, access: Access, now: datetime) -> None:
        self._store = store
        self._access = access
        self._now = now
        self._added: dict[RecordId, Support] = {}
        self._removed: set[RecordId] = set()
        self._latches: dict[RecordId, Latch] = {}

    def __len__(self) -> int:
        return len(self._added) + len(self._removed)

    async def add(
        self, scope: Scope, id: RecordId, episode_id: RecordId | None, told_at: datetime
    ) -> None:
        """Keep one more telling of a fact or memory, unless that episode is kept already."""
        key = support_id(id, episode_id, told_at)
        if key in self._added or key in self._removed:
            self._removed.discard(key)
            return
        if await self._store.get(self._access, Support, [key]):
            return
        self._added[key] = Support(
            id=key,
            scope=scope,
            created_at=self._now,
            updated_at=self._now,
            supports=id,
            episode_id=episode_id,
            told_at=told_at,
        )

    async def of(self, id: RecordId) -> list[Support]:
        """Return the further tellings of a fact or memory, the earliest first."""
        stored = await every(self._store, self._access, Find(Support, (Equal("supports", id),)))
        kept = [each for each in stored if each.id not in self._removed]
        kept += [each for each in self._added.values() if each.supports == id]
        return sorted(kept, key=lambda each: (each.told_at, each.id))

    def remove(self, support: Support) -> None:
        if self._added.pop(support.id, None) is None:
            self._removed.add(support.id)

    async def move(self, support: Support, to: RecordId) -> None:
        """Let a telling support something else."""
        self.remove(support)
        await self.add(support.scope, to, support.episode_id, support.told_at)

    async def guard(self, scope: Scope, id: RecordId) -> None:
        """Let two decisions about what supports a record notice each other."""
        key = latch_id(scope.partition, id)
        if key in self._latches:
            return
        held = (await self._store.get(self._access, Latch, [key])).get(key)
        made = Latch(
            id=key,
            scope=Scope(scope.user_id),
            created_at=self._now,
            updated_at=self._now,
            subject_id=id,
        )
        self._latches[key] = (
            replace(held, version=held.version + 1, updated_at=self._now) if held else made
        )

    def operations(self) -> tuple[Operation, ...]:
        return (
            *(Put(each) for each in self._added.values()),
            *(Erase(Support.KIND, id_) for id_ in sorted(self._removed)),
            *(Put(each) for each in self._latches.values()),
        )
