"""Every memory is looked at once a day, a few at a time, and moves up or down a level.

How far a day's walk has come is noted in the store: a restart goes on there, and looks at nothing
twice. What is done twice all the same, as where two processes walk, does no harm: the second finds
the memory as the first left it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from mnemos_graph.errors import Conflict, MnemosError
from mnemos_graph.feed import Journal
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.kinds.levels import MOVING, Levels
from mnemos_graph.memory.kinds.uses import Use, read
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.model import Access, Memory, OrganizationId, Position, RecordId
from mnemos_graph.store import (
    Delete,
    DerivedRef,
    Find,
    GraphStore,
    In,
    Mark,
    Operation,
    Present,
    Put,
)

EVERY = 600.0
"""Seconds between two looks."""
A_WALK = timedelta(days=1)
"""From the beginning of one walk through an organization to the beginning of the next."""
MOST_AT_ONCE = 2_000
"""Memories of an organization in one look."""
_PAGE = 500
_MARK = DerivedRef(RecordId("mark:levels"), 1, "walk")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A way through all memories of an organization, by id."""

    began: datetime
    behind: RecordId | None = None
    """The last one that was looked at; None: none was."""
    ended: bool = False


class Leveling:
    def __init__(
        self,
        journal: Journal,
        store: GraphStore,
        clock: Clock,
        organizations: Callable[[], Awaitable[Collection[OrganizationId]]],
        levels: Levels,
    ) -> None:
        """``store``: where memories are read from, which need not be kept ready for others."""
        self._attempts = Attempts(journal)
        self._store = store
        self._clock = clock
        self._organizations = organizations
        self._levels = levels

    async def look(self) -> int:
        """Go on in each organization; return how many memories moved."""
        moved = 0
        for organization in await self._organizations():
            try:
                moved += await self._go_on(Access(organization, "system"))
            except MnemosError as error:
                log.warning("levels of %s are looked at later: %s", organization, error.code)
        return moved

    async def _go_on(self, access: Access) -> int:
        walk, moved = await self._walk(access), 0
        for _ in range(MOST_AT_ONCE // _PAGE):
            if walk.ended:
                break
            after = Mark(walk.behind, walk.behind) if walk.behind else None
            where = (In("type", MOVING), Present("valid_to", present=False))
            (page,) = await self._store.find(
                access, [Find(Memory, where, first=_PAGE, after=after)]
            )
            if page.records:
                moved += await self._weigh(access, page.records)
                walk = replace(walk, behind=page.records[-1].id)
            walk = replace(walk, ended=not page.has_more)
            await self._store.derive(access, {_MARK: msgspec.json.encode(walk)})
        return moved

    async def _walk(self, access: Access) -> Walk:
        kept, now = (await self._store.derived(access, [_MARK])).get(_MARK), self._clock()
        walk = msgspec.json.decode(kept, type=Walk) if kept else None
        if walk is None or (walk.ended and now - walk.began >= A_WALK):
            return Walk(began=now)
        return walk

    async def _weigh(self, access: Access, memories: Collection[Memory]) -> int:
        uses, now = await read(self._store, access, [each.id for each in memories]), self._clock()
        ids = [each.id for each in memories if self._levels.verdict(each, uses.get(each.id), now)]
        if not ids:
            return 0

        async def decide(_: Position) -> Plan[int]:
            live = await self._attempts.store.get(access, Memory, ids)
            operations = [
                operation for each in live.values() if (operation := self._moved(each, uses, now))
            ]
            return Plan(tuple(operations), lambda _: len(operations))

        try:
            return await self._attempts.carry_out(access, decide)
        except Conflict:
            log.info("%d memories are changed by others; their levels stay", len(ids))
            return 0

    def _moved(
        self, memory: Memory, uses: Mapping[RecordId, Use], now: datetime
    ) -> Operation | None:
        verdict = self._levels.verdict(memory, uses.get(memory.id), now)
        if verdict is None:
            return None
        if verdict.level is None:
            return Delete(Memory.KIND, memory.id, memory.version, verdict.reason)
        after = replace(memory, level=verdict.level, version=memory.version + 1, updated_at=now)
        return Put(after, verdict.reason)
