"""Memories as one decision leaves them, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from mnemos_graph.model import Memory, RecordId, RecordKind
from mnemos_graph.store import Delete, Operation, Put


class Drafts:
    def __init__(self, now: datetime) -> None:
        self._now = now
        self._before: dict[RecordId, Memory] = {}
        self._after: dict[RecordId, Memory] = {}
        self._reasons: dict[RecordId, str] = {}
        self._gone: dict[RecordId, str] = {}

    def __len__(self) -> int:
        return len(self._after) + len(self._gone)

    def now(self, stored: Memory) -> Memory | None:
        """Return a stored memory as it is now; None where it is gone."""
        if stored.id in self._gone:
            return None
        return self._after.get(stored.id, stored)

    def new(self) -> Iterator[Memory]:
        """Yield those that no store has yet."""
        yield from [each for id_, each in self._after.items() if id_ not in self._before]

    def changed(self) -> list[tuple[Memory, Memory]]:
        """Return the stored ones that are not as they were: (as it was, as it is)."""
        pairs = (
            (self._before[id_], each) for id_, each in self._after.items() if id_ in self._before
        )
        return [(was, now) for was, now in pairs if was != now]

    def add(self, memory: Memory, reason: str) -> None:
        self._after[memory.id] = memory
        self._reasons[memory.id] = reason

    def change(self, stored: Memory, changed: Memory, reason: str) -> None:
        """Take a memory as changed; ``stored`` is as it was when it was read."""
        if stored.id not in self._after:
            self._before[stored.id] = stored
        self._after[stored.id] = replace(changed, version=stored.version)
        self._reasons[stored.id] = reason

    def undo(self, stored: Memory) -> None:
        """Leave a stored memory as it is."""
        self._after.pop(stored.id, None)

    def delete(self, memory: Memory, reason: str) -> bool:
        """Delete a memory; return whether it was stored, so that there is something to delete."""
        known = memory.id in self._before or memory.id not in self._after
        self._before.setdefault(memory.id, memory)
        self._after.pop(memory.id, None)
        if known:
            self._gone[memory.id] = reason
        else:
            del self._before[memory.id]
        return known

    @property
    def gone(self) -> frozenset[RecordId]:
        return frozenset(self._gone)

    def final(self, id: RecordId) -> Memory:
        """Return a memory as it is written: a deleted one under its deletion's version."""
        if id in self._gone:
            return replace(self._before[id], version=self._before[id].version + 1)
        before = self._before.get(id)
        after = self._after.get(id, before)
        if after is None:
            raise KeyError(id)
        if before is None or after == before:
            return after
        return replace(after, version=before.version + 1, updated_at=self._now)

    def knows(self, id: RecordId) -> bool:
        return id in self._after or id in self._gone

    def operations(self) -> tuple[Operation, ...]:
        """Return what is to be written."""
        puts = [
            Put(self.final(id_), self._reasons[id_])
            for id_, after in self._after.items()
            if after != self._before.get(id_)
        ]
        deletes = [
            Delete(RecordKind.MEMORY, id_, self._before[id_].version, reason)
            for id_, reason in self._gone.items()
        ]
        return (*puts, *deletes)
