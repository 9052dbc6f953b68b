"""Pinned memories: they stay until somebody says otherwise."""

from __future__ import annotations

from dataclasses import replace

from mnemos_graph.feed import Journal
from mnemos_graph.memory import checks
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.kinds.types import Types
from mnemos_graph.memory.outcomes import Clock, Written
from mnemos_graph.memory.reading import live
from mnemos_graph.model import Access, Memory, Position, RecordId
from mnemos_graph.store import Put

PINNED = "pinned"
UNPINNED = "no longer pinned"


class Pinning:
    def __init__(self, journal: Journal, clock: Clock, types: Types | None = None) -> None:
        self._types = types or Types()
        self._attempts = Attempts(journal)
        self._clock = clock

    async def pin(
        self,
        access: Access,
        id: RecordId,
        *,
        pinned: bool = True,
        expected_version: int | None = None,
    ) -> Written[Memory]:
        """Keep a memory for good, or no longer; what changes nothing makes no version.

        A pinned memory has no expiry, and nothing that goes on by itself deletes it or takes its
        level down. Whoever asks for it by name may still change and delete it. One that is no
        longer pinned does not get its earlier expiry back: it never expires, or, where its type
        says when, as if it were new.

        Raises:
            NotFound: there is no such memory.
            Conflict: it is not at ``expected_version``.
        """

        async def decide(_: Position) -> Plan[Written[Memory]]:
            memory = await live(self._attempts.store, access, Memory, id)
            checks.version("memory", memory.version, expected_version)
            if memory.pinned == pinned:
                return Plan((), lambda at: Written(memory, at))
            now = self._clock()
            after = replace(
                memory,
                pinned=pinned,
                expires_at=None if pinned else self._types.expiry(memory, now),
                version=memory.version + 1,
                updated_at=now,
            )
            put = Put(after, PINNED if pinned else UNPINNED)
            return Plan((put,), lambda at: Written(after, at))

        return await self._attempts.carry_out(access, decide)
