"""Keep conversations word for word, ask every question about them, and count what was found.

It writes to the organization that it is given, so give it one of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from mnemos.bench_recall.baselines import Bm25, Dense
from mnemos.bench_recall.dataset import Conversation, Query
from mnemos.bench_recall.figures import Figures, Scored, scored, summed, tokens
from mnemos_graph.language.embedder import Embedder
from mnemos_graph.memory.recall.asking import MOST_HITS, Question, Strategy
from mnemos_graph.memory.remember.telling import Telling
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.selection import MemoryQuery
from mnemos_graph.memory.services import Services
from mnemos_graph.model import Access, RecordId

_TOLD_AT_ONCE = 64
Rank = Callable[[Query], Awaitable[list[str]]]
"""A question → the names of turns, the best first."""


async def evaluate(
    services: Services,
    access: Access,
    conversations: Sequence[Conversation],
    embedder: Embedder | None,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Figures]:
    """Return the figures of Mnemos and of each baseline, under its name.

    Without an embedder there is no dense baseline, and Mnemos goes by words alone. ``progress`` is
    told each conversation's name when it is done.
    """
    results: dict[str, list[Scored]] = {}
    for conversation in conversations:
        for way, found in (await every_way(services, access, conversation, embedder)).items():
            results.setdefault(way, []).extend(found)
        progress(conversation.user_id)
    return {way: summed(each) for way, each in results.items()}


async def every_way(
    services: Services, access: Access, conversation: Conversation, embedder: Embedder | None
) -> dict[str, list[Scored]]:
    """Keep one conversation and return how well each way answered each of its questions."""
    ways = await _ways(services, access, conversation, embedder)
    costs = {turn.name: tokens(turn.line) for turn in conversation.turns}
    return {
        way: [
            scored(conversation.user_id, query, await rank(query), costs)
            for query in conversation.queries
        ]
        for way, rank in ways.items()
    }


async def _ways(
    services: Services, access: Access, conversation: Conversation, embedder: Embedder | None
) -> dict[str, Rank]:
    """Return every way of searching a conversation, which is kept for it."""
    names = await keep(services, access, conversation)
    scope = ReadScope(user_id=conversation.user_id)

    def mnemos(strategy: Strategy) -> Rank:
        async def rank(query: Query) -> list[str]:
            asked = Question(
                text=query.text,
                scope=scope,
                query=MemoryQuery(as_of=query.as_of),
                limit=MOST_HITS,
                strategy=strategy,
            )
            answer = await services.recall.recall(access, asked)
            return [names[hit.memory.id] for hit in answer.hits]

        return rank

    texts = [(turn.name, turn.said) for turn in conversation.turns]
    words = Bm25(texts)
    ways: dict[str, Rank] = {
        "mnemos": mnemos(Strategy.HYBRID),
        "mnemos_words_only": mnemos(Strategy.TEXT),
        "bm25": _by_text(words.rank),
    }
    if embedder is None:
        return ways
    return ways | {"dense": _by_text((await Dense.of(embedder, texts)).rank)}


def _by_text(rank: Callable[[str], Awaitable[list[str]]]) -> Rank:
    return lambda query: rank(query.text)


async def keep(
    services: Services, access: Access, conversation: Conversation
) -> dict[RecordId, str]:
    """Keep every turn as a memory; return the turns' names by the memories' ids."""
    names: dict[RecordId, str] = {}
    for scope, turns in conversation.sessions.items():
        for first in range(0, len(turns), _TOLD_AT_ONCE):
            part = turns[first : first + _TOLD_AT_ONCE]
            told = Telling(scope=scope, messages=[turn.message for turn in part], infer=False)
            kept = await services.rememberer.remember(access, told)
            for turn, decision in zip(part, kept.decisions, strict=True):
                if decision.memory is not None:
                    names[decision.memory.id] = turn.name
    return names
