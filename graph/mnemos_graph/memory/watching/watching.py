"""Watches that stand as long as somebody listens: each matching thing is told once, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from mnemos_graph.errors import TryLater
from mnemos_graph.feed import Feed
from mnemos_graph.memory.recall.recall import Recall
from mnemos_graph.memory.recall.turns import Turns
from mnemos_graph.memory.watching.about import AboutEntity
from mnemos_graph.memory.watching.against import AgainstBlock
from mnemos_graph.memory.watching.appearing import Told, appeared
from mnemos_graph.memory.watching.asking import Watched, checked
from mnemos_graph.memory.watching.eyes import Eye
from mnemos_graph.memory.watching.near import NearText
from mnemos_graph.model import Access, Change, Position, RecordId
from mnemos_graph.store import GraphStore

_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something that is watched for, or how far was looked without any."""

    position: Position
    """Where to go on from: everything up to here was told."""
    record: Told | None = None
    """As it is now; None: there is nothing, the position alone moved on."""
    score: float | None = None
    """0 to 1, where a text is watched for."""


class Watching:
    def __init__(
        self, store: GraphStore, feed: Feed, recall: Recall, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._feed = feed
        self._recall = recall
        self._clock = clock
        self._turns = Turns()

    async def sightings(
        self, access: Access, watched: Watched, after: Position | None = None
    ) -> AsyncGenerator[Sighting, None]:
        """Yield what is watched for behind ``after``, without one from now on, as it appears.

        The first says where it starts, and has no record. It ends when the feed is closed. What
        appeared is told if it holds when it is looked at, so nothing that is deleted, forgotten or
        ended by then. While the store is away nothing is told, and nothing is missing afterwards.

        Raises:
            BadInput: a part of what is watched for makes no sense; the message says which.
            TooMuch: a part of it is beyond its limit.
            NotFound: the entity or block is not there.
            Unavailable: the store cannot be read to begin with, or another epoch of the log began.
        """
        eye = await self._eye(access, checked(watched))
        async with aclosing(self._feed.follow(access, after)) as pages:
            async for page in pages:
                for sighting in await self._looked(access, watched, eye, page.changes):
                    yield sighting
                yield Sighting(page.position)

    async def _eye(self, access: Access, watched: Watched) -> Eye:
        if watched.entity_id is not None:
            about = AboutEntity(self._store, access, watched.entity_id, watched.predicates)
            await about.check()
            return about
        if watched.block_id is not None:
            against = AgainstBlock(self._store, access, watched.block_id)
            await against.check()
            return against
        return NearText(self._recall, self._turns, access, watched)

    async def _looked(
        self, access: Access, watched: Watched, eye: Eye, changes: Sequence[Change]
    ) -> Sequence[Sighting]:
        while True:
            try:
                return await self._look(access, watched, eye, changes)
            except TryLater:
                await asyncio.sleep(_RETRY_SECONDS)

    async def _look(
        self, access: Access, watched: Watched, eye: Eye, changes: Sequence[Change]
    ) -> Sequence[Sighting]:
        new = await appeared(
            self._store, self._feed, access, watched.scope, changes, now=self._clock()
        )
        if not new:
            return ()
        seen = await eye.sees(new)
        last: dict[RecordId, Sighting] = {
            new[place].record.id: Sighting(new[place].position, new[place].record, seen[place])
            for place in sorted(seen)
        }
        return sorted(last.values(), key=lambda each: each.position)
