"""Recall that answers again whenever a change, or the passing of time, alters its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain, repeat
from typing import TypeVar

from mnemos_graph.ending import end
from mnemos_graph.errors import TryLater
from mnemos_graph.feed import Feed, FeedPage
from mnemos_graph.index.comparing import Signal
from mnemos_graph.memory.recall.ahead import Ahead
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.recall.recall import Recall, Recalled
from mnemos_graph.memory.recall.turns import Turns
from mnemos_graph.model import START, Access, Change, RecordId, RecordKind
from mnemos_graph.store import GraphStore

T = TypeVar("T")

PAUSE_SECONDS = 0.25
"""The least time between two answers, so that a busy log costs its listeners no more than this."""
BEHIND_SECONDS = 0.5
"""How long a question may wait for its turn before its answer says that it is behind."""
_RETRY_SECONDS = 1.0
_VECTORS_COME = (0.5, 2.0, 8.0, 30.0)
"""Seconds that vectors which an answer lacked are waited for, one wait behind the other."""
_LATE_VECTORS = 120.0
_LONGEST_WAIT = 3_600.0
"""Seconds after which it is asked anew whatever happens."""
_TELLING = frozenset({RecordKind.MEMORY, RecordKind.ENTITY, RecordKind.FACT})
_COMING = frozenset({Signal.VECTOR, Signal.RERANK})


class LiveRecall:
    """Answers of one process: all of them together are asked anew 20 times a second at most."""

    def __init__(
        self,
        recall: Recall,
        feed: Feed,
        store: GraphStore,
        clock: Callable[[], datetime],
        turns: Turns | None = None,
        *,
        vectors_come: bool = True,
    ) -> None:
        """``vectors_come``: whether vectors are made, so that those that lack are waited for."""
        self._recall = recall
        self._feed = feed
        self._store = store
        self._clock = clock
        self._turns = turns or Turns()
        self._vectors_come = vectors_come

    async def answers(self, access: Access, question: Question) -> AsyncGenerator[Recalled, None]:
        """Yield the answer, and again when other memories are in it, others' versions, or their order.

        It is asked anew for every change that can matter, when a memory or fact of the scope
        begins, ends or expires, and while vectors that it lacked are being made. ``degraded`` has
        LIVE where it had to wait because too many are asked anew.

        It ends when the feed is closed. While the store is away nothing is yielded; what changed
        meanwhile is answered when it is back.

        Raises:
            BadInput: a part of the question makes no sense; the message says which.
            Unavailable: the store cannot be read for the first answer.
        """
        standing = _Standing(self._store, access, question, self._clock)
        standing.vectors_come = self._vectors_come
        await standing.take(await self._recall.recall(access, question))
        yield standing.answer
        feed = self._feed.follow(access, after=standing.answer.position)
        async with aclosing(_Awaited(feed)) as pages:
            while True:
                page = await pages.within(standing.due())
                if pages.over:
                    return
                if page is not None and not await _lasting(partial(standing.is_moved_by, page)):
                    continue
                await asyncio.sleep(standing.rests())
                waited = await self._turns.take()
                before = standing.answer
                await _lasting(partial(self._again, standing))
                if _seen(standing.answer) != _seen(before):
                    yield _behind(standing.answer, waited)

    async def _again(self, standing: _Standing) -> None:
        await standing.take(await self._recall.recall(standing.access, standing.question))


async def _lasting(ask: Callable[[], Awaitable[T]]) -> T:
    """Return what ``ask`` does, however long the store is away."""
    while True:
        try:
            return await ask()
        except TryLater:
            await asyncio.sleep(_RETRY_SECONDS)


class _Standing:
    """A question with its last answer, and when it is asked anew without being told to."""

    def __init__(
        self, store: GraphStore, access: Access, question: Question, clock: Callable[[], datetime]
    ) -> None:
        self.access = access
        self.question = question
        self.answer = Recalled((), 0.0, START, ())
        self._ahead = Ahead(store, access, question, clock)
        self._loop = asyncio.get_running_loop()
        self._answered = 0.0
        self.vectors_come = True
        self._waits = _waits()
        self._vectors_at: float | None = None

    async def take(self, answer: Recalled) -> None:
        """Let ``answer`` be the last one.

        Raises:
            MnemosError: the store cannot be read.
        """
        await self._ahead.look()
        self.answer, self._answered = answer, self._loop.time()
        if self.vectors_come and _COMING & {*answer.degraded}:
            self._vectors_at = self._answered + next(self._waits)
        else:
            self._vectors_at, self._waits = None, _waits()

    def rests(self) -> float:
        """Return the seconds until the next answer may be sent."""
        return self._answered + PAUSE_SECONDS - self._loop.time()

    def due(self) -> float:
        """Return the seconds until it is asked anew whatever happens, an hour at most."""
        ahead = self._ahead.seconds()
        found = _LONGEST_WAIT if ahead is None else min(_LONGEST_WAIT, ahead)
        if self._vectors_at is not None:
            found = min(found, self._vectors_at - self._loop.time())
        return max(found, 0.0)

    async def is_moved_by(self, page: FeedPage) -> bool:
        """Return whether the page has a change that the answer does not cover, and that can matter.

        Raises:
            MnemosError: the store cannot be read.
        """
        concerning = [each for each in page.changes if self._concerns(each)]
        if concerning:
            await self._ahead.note(concerning)
        return bool(concerning) and page.position > self.answer.position

    def _concerns(self, change: Change) -> bool:
        if change.scope is None:
            return True
        if self.question.query.known_at is not None:
            return False  # what was known then stays as it was
        asked = [each.scope.partitions for each in self.question.within]
        within = any(parts is None or change.scope.partition in parts for parts in asked)
        return within and change.subject_type in _TELLING


class _Awaited:
    """Pages that somebody waits for no longer than they have time."""

    def __init__(self, pages: AsyncGenerator[FeedPage, None]) -> None:
        self.over = False
        self._pages = pages
        self._coming: asyncio.Task[FeedPage | None] | None = None

    async def within(self, seconds: float) -> FeedPage | None:
        """Return the next page; None: it did not come in time, or there are no more."""
        if self._coming is None:
            self._coming = asyncio.ensure_future(anext(self._pages, None))
        await asyncio.wait({self._coming}, timeout=seconds)
        if not self._coming.done():
            return None
        page, self._coming = self._coming.result(), None
        self.over = page is None
        return page

    async def aclose(self) -> None:
        if self._coming is not None:
            await end(self._coming)
        await self._pages.aclose()


def _waits() -> Iterator[float]:
    return chain(_VECTORS_COME, repeat(_LATE_VECTORS))


def _behind(answer: Recalled, waited: float) -> Recalled:
    if waited < BEHIND_SECONDS:
        return answer
    return replace(answer, degraded=(*answer.degraded, Signal.LIVE))


def _seen(answer: Recalled) -> list[tuple[RecordId, int]]:
    return [(hit.memory.id, hit.memory.version) for hit in answer.hits]
