"""Reading what a job was given before it is its turn to be decided about.

Decisions of one user are taken one after the other, for each may rest on the one before. What was
said can be read at any time: so several tellings are with a model while the first is decided about.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from mnemos_graph.ending import end
from mnemos_graph.language.extractor import Extraction, Turn
from mnemos_graph.memory.remember.findings import turn_of
from mnemos_graph.memory.remember.telling import Telling, as_kept, episodes_of
from mnemos_graph.model import RecordId, Scope

TOGETHER = 16
"""Turns of one session that are read together, although they were told one by one."""

Read: TypeAlias = Callable[[Scope, Sequence[Turn]], Awaitable[Sequence[Extraction]]]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is being read of one telling."""

    whole: asyncio.Task[Sequence[Extraction]]
    start: int
    stop: int

    async def read(self) -> Sequence[Extraction]:
        """Return an extraction for each message.

        Raises:
            TryLater: the extractor is away.
        """
        return (await self.whole)[self.start : self.stop]


@asynccontextmanager
async def reading_ahead(
    read: Read, tellings: Mapping[RecordId, Telling], at_once: int, now: datetime
) -> AsyncGenerator[Mapping[RecordId, Ahead], None]:
    """Read tellings, so many at the same time, in their order; leave off on the way out."""
    places = asyncio.Semaphore(at_once)

    async def read_in_turn(batch: _Batch) -> Sequence[Extraction]:
        async with places:
            return await read(batch.scope, batch.turns)

    found: dict[RecordId, Ahead] = {}
    tasks = []
    for batch in _batches(tellings, now) if at_once else ():
        task = asyncio.create_task(read_in_turn(batch))
        tasks.append(task)
        found |= {key: Ahead(task, *span) for key, span in batch.spans.items()}
    try:
        yield found
    finally:
        await end(*tasks)


@dataclass(frozen=True, slots=True)
class _Batch:
    scope: Scope
    turns: list[Turn]
    spans: dict[RecordId, tuple[int, int]]

    def takes(self, scope: Scope, count: int) -> bool:
        """Whether so many turns more of a scope belong to the same session, and fit."""
        known = self.scope == scope and scope.session_id is not None
        return known and len(self.turns) + count <= TOGETHER

    def add(self, key: RecordId, turns: Sequence[Turn]) -> None:
        self.spans[key] = (len(self.turns), len(self.turns) + len(turns))
        self.turns.extend(turns)


def _batches(tellings: Mapping[RecordId, Telling], now: datetime) -> Iterator[_Batch]:
    last: _Batch | None = None
    for key, telling in tellings.items():
        if telling.is_recalled or not as_kept(telling).infer:
            continue
        turns = [turn_of(each) for each in episodes_of(telling, now)]
        if last is None or not last.takes(telling.scope, len(turns)):
            if last:
                yield last
            last = _Batch(telling.scope, [], {})
        last.add(key, turns)
    if last:
        yield last
