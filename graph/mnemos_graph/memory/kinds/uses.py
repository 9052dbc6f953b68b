"""How often memories are used, and when last: counted in this process, written now and then.

A question writes nothing. What it used is noted, and once a minute what was noted becomes a few bytes
beside each memory: derived, so that they are in no log and make no version. At a crash what was
noted since the last minute is lost. Two processes that write of one memory in the same moment may
lose the one's minute as well. Neither is worth more than that: a use is a hint, never a fact.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from mnemos_graph.ending import end
from mnemos_graph.errors import MnemosError
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.model import Access, Memory, OrganizationId, RecordId
from mnemos_graph.model.instants import instant, micros
from mnemos_graph.store import DerivedRef, GraphStore

EVERY = 60.0
"""Seconds between two writes of what was noted."""
FIRST_HITS = 3
"""Hits of one recall that count as used: whoever asks looks at the best."""
HALF_LIFE = timedelta(days=30)
"""After so long without another, a use counts half."""
MOST_NOTED = 20_000
"""Memories between two writes; further ones are not counted until then."""
_WRITTEN_AT_ONCE = 500
_FORM = struct.Struct("<dq")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Use:
    strength: float
    """Uses, each halved for every half-life since then, as it was at ``last``."""
    last: datetime

    def at(self, now: datetime) -> float:
        """Return what the uses still count for at a moment."""
        waited = max(timedelta(), now - self.last)
        left: float = 0.5 ** (waited / HALF_LIFE)
        return self.strength * left

    def more(self, count: int, now: datetime) -> Use:
        return Use(self.at(now) + count, max(self.last, now))


class Uses:
    """An async context: within it, what is noted is written again and again, and at its end."""

    def __init__(self, store: GraphStore, clock: Clock, *, every: float | None = EVERY) -> None:
        """``every``: seconds; None: uses are not counted at all."""
        self._store = store
        self._clock = clock
        self._every = every
        self._noted: dict[tuple[OrganizationId, RecordId], int] = {}
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        if self._every is not None:
            self._task = asyncio.create_task(self._write_on(self._every), name="uses of memories")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            await end(self._task)
            await self.write()

    def note(self, organization: OrganizationId, used: Iterable[Memory]) -> None:
        """Count one use of each memory."""
        if self._every is None:
            return
        for memory in used:
            key = organization, memory.id
            if key in self._noted or len(self._noted) < MOST_NOTED:
                self._noted[key] = self._noted.get(key, 0) + 1

    async def write(self) -> None:
        """Write what was noted; what cannot be written now is lost, with a line in the log."""
        async with self._turn:
            noted, self._noted = self._noted, {}
            by_organization = defaultdict[OrganizationId, dict[RecordId, int]](dict)
            for (organization, id_), count in noted.items():
                by_organization[organization][id_] = count
            for organization, counts in by_organization.items():
                try:
                    await self._add(Access(organization, "system"), counts)
                except MnemosError as error:
                    log.warning("uses of %d memories are not counted: %s", len(counts), error.code)

    async def _add(self, access: Access, counts: Mapping[RecordId, int]) -> None:
        ids, now = list(counts), self._clock()
        for start in range(0, len(ids), _WRITTEN_AT_ONCE):
            part = ids[start : start + _WRITTEN_AT_ONCE]
            held = await read(self._store, access, part)
            more = {id_: held.get(id_, Use(0, now)).more(counts[id_], now) for id_ in part}
            await self._store.derive(
                access, {_ref(id_): _written(use) for id_, use in more.items()}
            )

    async def _write_on(self, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            try:
                await self.write()
            except Exception:
                log.exception("uses of memories could not be written")


async def read(
    store: GraphStore, access: Access, ids: Collection[RecordId]
) -> Mapping[RecordId, Use]:
    """Return how those memories were used that ever were."""
    found = await store.derived(access, [_ref(id_) for id_ in ids]) if ids else {}
    return {id_: _read(found[_ref(id_)]) for id_ in ids if _ref(id_) in found}


def _ref(id_: RecordId) -> DerivedRef:
    return DerivedRef(id_, 1, "uses")


def _written(use: Use) -> bytes:
    return _FORM.pack(use.strength, micros(use.last))


def _read(data: bytes) -> Use:
    strength, last = _FORM.unpack(data)
    return Use(strength, instant(last))
