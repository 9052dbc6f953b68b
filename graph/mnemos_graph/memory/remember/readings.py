"""What models answered about turns, kept for a while, so that asking again costs nothing.

A file that is imported again, and a job that goes on after it was cut off, ask the same questions.
What was answered stands in the partition of whoever said it, and is forgotten with it.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import msgspec

from mnemos_graph.errors import MnemosError
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.model import Access, Position, Reading, Scope, reading_id
from mnemos_graph.store import MOST_CHANGES, ChangeSet, Erase, Find, GraphStore, Put, Range

KEPT = timedelta(days=30)
LARGEST = 131_072
"""Bytes of an answer that is kept. An answer about sixteen turns has some thousands."""

log = logging.getLogger(__name__)


class KeptReadings:
    """``Readings`` of one partition, for work that began at a position."""

    def __init__(
        self, store: GraphStore, access: Access, scope: Scope, began: Position, clock: Clock
    ) -> None:
        self._store = store
        self._access = access
        self._scope = Scope(scope.user_id)
        self._began = began
        self._clock = clock

    async def kept(self, key: str) -> Any | None:
        id_ = reading_id(self._scope.partition, key)
        try:
            held = (await self._store.get(self._access, Reading, [id_])).get(id_)
        except MnemosError as error:
            log.info("what was answered before is not looked up: %s", error.code)
            return None
        if held is None or self._clock() - held.created_at >= KEPT:
            return None
        return msgspec.json.decode(held.answer)

    async def keep(self, key: str, model: str, answer: Any) -> None:
        told = msgspec.json.encode(answer)
        if len(told) > LARGEST:
            return
        now = self._clock()
        reading = Reading(
            id=reading_id(self._scope.partition, key),
            scope=self._scope,
            created_at=now,
            updated_at=now,
            model=model,
            answer=told.decode(),
        )
        try:
            await self._store.commit(self._access, ChangeSet((Put(reading),), began=self._began))
        except MnemosError as error:  # somebody else kept it, or its user was forgotten
            log.info("what was answered is not kept: %s", error.code)


class Sweeper:
    """Erases what was answered so long ago that it is not looked up any more."""

    def __init__(self, store: GraphStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def sweep(self, access: Access) -> int:
        """Return how many answers were erased."""
        swept = 0
        old = Range("created_at", at_most=self._clock() - KEPT)
        while True:
            question = Find(Reading, (old,), first=MOST_CHANGES)
            (page,) = await self._store.find(access, [question])
            if not page.records:
                return swept
            erased = tuple(Erase(each.KIND, each.id) for each in page.records)
            await self._store.commit(access, ChangeSet(erased))
            swept += len(erased)
