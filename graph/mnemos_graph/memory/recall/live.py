"""Recall that answers again whenever a change alters its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from mnemos_graph.errors import TryLater
from mnemos_graph.feed import Feed, FeedPage
from mnemos_graph.memory.recall.asking import Question
from mnemos_graph.memory.recall.recall import Recall, Recalled
from mnemos_graph.model import Access, Change, RecordId, RecordKind

PAUSE_SECONDS = 0.25
"""The least time between two answers, so that a busy log costs its listeners no more than this."""
_RETRY_SECONDS = 1.0
_TELLING = frozenset({RecordKind.MEMORY, RecordKind.ENTITY, RecordKind.FACT})


class LiveRecall:
    def __init__(self, recall: Recall, feed: Feed) -> None:
        self._recall = recall
        self._feed = feed

    async def answers(self, access: Access, question: Question) -> AsyncGenerator[Recalled, None]:
        """Yield the answer, and again when other memories are in it, others' versions, or their order.

        It ends when the feed is closed. While the store is away nothing is yielded; what changed
        meanwhile is answered when it is back.

        Raises:
            BadInput: a part of the question makes no sense; the message says which.
            Unavailable: the store cannot be read for the first answer.
        """
        answer = await self._recall.recall(access, question)
        yield answer
        loop = asyncio.get_running_loop()
        answered = loop.time()
        async with aclosing(self._feed.follow(access, after=answer.position)) as pages:
            async for page in pages:
                if page.position <= answer.position or not _tells(page, question):
                    continue
                await asyncio.sleep(answered + PAUSE_SECONDS - loop.time())
                following = await self._again(access, question)
                answered = loop.time()
                if _seen(following) != _seen(answer):
                    yield following
                answer = following

    async def _again(self, access: Access, question: Question) -> Recalled:
        while True:
            try:
                return await self._recall.recall(access, question)
            except TryLater:
                await asyncio.sleep(_RETRY_SECONDS)


def _seen(answer: Recalled) -> list[tuple[RecordId, int]]:
    return [(hit.memory.id, hit.memory.version) for hit in answer.hits]


def _tells(page: FeedPage, question: Question) -> bool:
    """Return whether the page has a change that can matter to ``question``."""
    return any(_concerns(change, question) for change in page.changes)


def _concerns(change: Change, question: Question) -> bool:
    if change.scope is None:
        return True
    asked = [each.scope.partitions for each in question.within]
    within = any(parts is None or change.scope.partition in parts for parts in asked)
    return within and change.subject_type in _TELLING
