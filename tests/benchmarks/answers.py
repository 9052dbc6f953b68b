"""What recall ranked for many questions, with and without an answer, to see what scores are worth.

Questions without an answer are those of our own, and those of conversations asked in another
conversation, with the names of its two people in place of their own.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mnemos.bench_recall import dataset
from mnemos.bench_recall.dataset import Conversation, Query
from mnemos.bench_recall.evaluation import keep
from mnemos_graph.index.ranking import Ranking
from mnemos_graph.language.minilm import open_minilm
from mnemos_graph.memory.recall.asking import Question, Strategy
from mnemos_graph.memory.recall.recall import Means, Recall
from mnemos_graph.memory.recall.sight import Sight
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.model import RecordId
from mnemos_graph.sqlite import SqliteStore
from tests.benchmarks.recall import ACCESS
from tests.recall_set import own

DEPTH = 20
WAYS: Mapping[str, tuple[Strategy, bool]] = {
    "second look": (Strategy.HYBRID, True),
    "hybrid": (Strategy.HYBRID, False),
    "text": (Strategy.TEXT, False),
    "vector": (Strategy.VECTOR, False),
}
"""How it can be ranked: by which strategy, and whether the best are looked at again."""
_APART = dataset.Category.ADVERSARIAL.name.lower()


@dataclass(frozen=True)
class Asked:
    """One question with what was ranked for it."""

    way: str
    conversation: str
    """Whose memories were asked."""
    ours: bool
    """Whether it is one of our own."""
    answered: bool
    ranking: Ranking
    right: tuple[bool, ...]
    """For each of the best, whether it is evidence."""


class Watched(Recall):
    """Recall that remembers what it ranked last."""

    last: Ranking
    looks_again: bool

    def _looks_again(self, strategy: Strategy, seen: Sight, means: Means) -> bool:
        return self.looks_again and super()._looks_again(strategy, seen, means)

    async def _rank(self, seen: Sight, asked: Any, means: Means) -> Any:
        found = await super()._rank(seen, asked, means)
        self.last = found[0]
        return found


async def asked(folder: Path, conversations: Sequence[Conversation]) -> list[Asked]:
    """Ask everything of the conversations and of our own set; both are kept in ``folder``."""
    kept = own.read()
    everything = [kept.conversation, *conversations]
    async with _watched(folder, everything) as (recall, names):
        return [
            await _ask(recall, names, way, user_id, query)
            for way in WAYS
            for user_id, query in _questions(everything, kept.unanswered)
        ]


def _questions(
    conversations: Sequence[Conversation], unanswered: Sequence[Query]
) -> Iterator[tuple[str, Query]]:
    """Yield every question with whose memory it is asked of; our own conversation comes first."""
    plain = [[query for query in each.queries if query.kind != _APART] for each in conversations]
    for each, queries in zip(conversations, plain, strict=True):
        yield from ((each.user_id, query) for query in queries)
    yield from ((own.USER, query) for query in unanswered)
    others = conversations[1:]
    for here, there, queries in zip(others, (*others[1:], others[0]), plain[1:], strict=True):
        yield from ((there.user_id, _moved(query, here, there)) for query in queries[::2])


@asynccontextmanager
async def _watched(
    folder: Path, conversations: Sequence[Conversation]
) -> AsyncIterator[tuple[Watched, Mapping[RecordId, str]]]:
    store = await SqliteStore.open(folder)
    names: dict[RecordId, str] = {}
    async with (
        open_minilm() as model,
        open_services(Parts(store=store, embedder=model)) as services,
    ):
        for each in conversations:
            names |= await keep(services, ACCESS, each)
        services.recall.__class__ = Watched
        assert isinstance(services.recall, Watched)
        yield services.recall, names
    await store.close()


async def _ask(
    recall: Watched, names: Mapping[RecordId, str], way: str, user_id: str, query: Query
) -> Asked:
    strategy, recall.looks_again = WAYS[way]
    question = Question(
        text=query.text,
        scope=ReadScope(user_id=user_id),
        query=MemoryQuery(as_of=query.as_of),
        limit=DEPTH,
        strategy=strategy,
    )
    await recall.recall(ACCESS, question)
    right = tuple(names[each.ref.id] in query.evidence for each in recall.last.best)
    return Asked(way, user_id, user_id == own.USER, bool(query.evidence), recall.last, right)


def _moved(query: Query, here: Conversation, there: Conversation) -> Query:
    text = query.text
    for old, new in zip(_people(here), _people(there), strict=False):
        text = re.sub(rf"\b{old}\b", new, text)
    return replace(query, text=text, evidence=frozenset())


def _people(conversation: Conversation) -> list[str]:
    return list(dict.fromkeys(turn.message.speaker or "" for turn in conversation.turns))[:2]
