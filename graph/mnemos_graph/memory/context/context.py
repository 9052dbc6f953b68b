"""Context: what is known about a question, ready to be put in front of a model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.index.ranking import Signal
from mnemos_graph.memory.context.packing import CountsTokens, packed
from mnemos_graph.memory.context.pieces import ContextFormat
from mnemos_graph.memory.recall.asking import MOST_HITS, Question
from mnemos_graph.memory.recall.reaching import reach
from mnemos_graph.memory.recall.recall import Hit, Recall, Recalled
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope, within
from mnemos_graph.memory.selection import EVERYTHING, MemoryQuery, look
from mnemos_graph.model import Access, Block, Fact, Memory, Position, Record, RecordId
from mnemos_graph.model.words import fingerprint
from mnemos_graph.store import Condition, Filter, Find, GraphStore, In, Order, View, facts_holding

LARGEST_BUDGET = 32_000
"""Tokens."""
_MOST_BLOCKS = 50
_MOST_FACTS = 50
_FIRST_HITS = 20
"""Hits whose facts are told as well."""
_SMALLEST_MEMORY = 4
"""Tokens below which no memory is written down: so many hits are never needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextQuestion:
    text: str
    scope: ReadScope = ANYWHERE
    query: MemoryQuery = EVERYTHING
    token_budget: int = 1_000
    form: ContextFormat = ContextFormat.MARKDOWN
    include_blocks: bool = True
    include_facts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    text: str
    tokens: int
    """Never more than the budget."""
    tokenizer: str
    hits: tuple[Hit, ...]
    """Those whose memories are in the text; so it is with facts and blocks."""
    facts: tuple[Fact, ...]
    blocks: tuple[Block, ...]
    omitted: int
    """How many of the memories that were recalled (100 at most) the budget left out."""
    position: Position
    degraded: tuple[Signal, ...]


class Composer:
    def __init__(
        self,
        store: GraphStore,
        recall: Recall,
        tokenizer: CountsTokens,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._recall = recall
        self._tokenizer = tokenizer
        self._clock = clock

    async def compose(self, access: Access, question: ContextQuestion) -> Composed:
        """Return blocks, then facts and memories, the most relevant first, within the budget.

        What is said by one of them is not said again by another.

        Raises:
            BadInput: the budget is negative, or a part of the question makes no sense.
            TooMuch: the budget is above 32,000 tokens, or the question is beyond a limit.
            Unavailable: the store cannot be read.
        """
        budget = _checked(question.token_budget)
        asked = _recalling(question)
        recalled = await self._recall.recall(access, asked)
        view = await look(
            self._store,
            access,
            now=self._clock(),
            as_of=question.query.as_of,
            known_at=question.query.known_at,
        )
        blocks = await self._blocks(access, question, view)
        facts = await self._facts(access, question, asked, view, recalled)
        memories = [hit.memory for hit in recalled.hits]
        wanted = list(_once([*blocks, *_interleaved(memories, facts)]))
        result = await asyncio.to_thread(packed, wanted, question.form, self._tokenizer, budget)
        told = {memory.id for memory in result.pieces.memories}
        return Composed(
            text=result.text,
            tokens=result.tokens,
            tokenizer=self._tokenizer.name,
            hits=tuple(hit for hit in recalled.hits if hit.memory.id in told),
            facts=result.pieces.facts,
            blocks=result.pieces.blocks,
            omitted=sum(isinstance(each, Memory) for each in wanted) - len(told),
            position=recalled.position,
            degraded=recalled.degraded,
        )

    async def _blocks(
        self, access: Access, question: ContextQuestion, view: View
    ) -> Sequence[Block]:
        if not question.include_blocks:
            return ()
        asked = Find(
            Block,
            _always_before(question.scope),
            order=Order("label"),
            first=_MOST_BLOCKS,
            known_at=view.known_at,
        )
        (page,) = await self._store.find(access, [asked])
        return page.records

    async def _facts(
        self,
        access: Access,
        question: ContextQuestion,
        asked: Question,
        view: View,
        recalled: Recalled,
    ) -> Sequence[Fact]:
        """Return what holds of the entities that the question names, and what the best hits rest on."""
        if not question.include_facts:
            return ()
        reached = await reach(self._store, access, asked, view)
        ids: dict[RecordId, None] = dict.fromkeys(reached.near)
        for hit in recalled.hits[:_FIRST_HITS]:
            ids |= dict.fromkeys(hit.memory.fact_ids)
        if not ids:
            return ()
        where: list[Condition] = [
            In("id", tuple(ids)),
            *within(replace(question.scope, session_id=None)),
            *facts_holding(view),
        ]
        known = Find(Fact, tuple(where), first=_MOST_FACTS, known_at=view.known_at)
        (page,) = await self._store.find(access, [known])
        return sorted(page.records, key=lambda fact: -reached.near.get(fact.id, 0.0))


def _checked(budget: int) -> int:
    if budget < 0:
        raise BadInput(f"tokenBudget is {budget}; it must be from 0 to {LARGEST_BUDGET}.")
    if budget > LARGEST_BUDGET:
        raise TooMuch(f"tokenBudget is {budget}; at most {LARGEST_BUDGET} is allowed.")
    return budget


def _recalling(question: ContextQuestion) -> Question:
    enough = max(1, question.token_budget // _SMALLEST_MEMORY)
    return Question(
        text=question.text,
        scope=question.scope,
        query=question.query,
        limit=min(MOST_HITS, enough),
    )


def _always_before(scope: ReadScope) -> Filter:
    """Return the conditions for blocks that are before an agent in ``scope``.

    A block without agent or session is there for every agent and session.
    """
    users = (scope.user_id, None) if scope.include_shared else (scope.user_id,)
    found: list[Condition] = [In("user_id", users if scope.user_id else (None,))]
    if scope.agent_id is not None:
        found.append(In("agent_id", (scope.agent_id, None)))
    if scope.session_id is not None:
        found.append(In("session_id", (scope.session_id, None)))
    return tuple(found)


def _interleaved(memories: Sequence[Memory], facts: Sequence[Fact]) -> Iterator[Record]:
    """Yield the best of both in turn: neither may push all of the other out."""
    for place in range(max(len(memories), len(facts))):
        yield from memories[place : place + 1]
        yield from facts[place : place + 1]


def _once(records: Sequence[Record]) -> Iterator[Record]:
    """Yield records without those that say what an earlier one said."""
    said: set[str] = set()
    carried: set[RecordId] = set()
    for record in records:
        text = _text(record)
        if fingerprint(text) in said or record.id in carried:
            continue
        said.add(fingerprint(text))
        if isinstance(record, Memory):
            carried |= set(record.fact_ids)
        yield record


def _text(record: Record) -> str:
    match record:
        case Block():
            return record.value
        case Fact():
            return record.statement
        case Memory():
            return record.text
        case _:
            return record.id
