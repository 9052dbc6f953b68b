"""What is worth telling for a question, the most wanted first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mnemos_graph.index.comparing import Signal
from mnemos_graph.language.relations import SINGLE_VALUED
from mnemos_graph.memory.context.asking import ContextQuestion
from mnemos_graph.memory.context.beside import beside
from mnemos_graph.memory.context.pieces import Part, Piece
from mnemos_graph.memory.kinds.types import seen_from
from mnemos_graph.memory.recall.reaching import reach
from mnemos_graph.memory.recall.recall import Hit, Recall, Recalled
from mnemos_graph.memory.scopes import ReadScope, within
from mnemos_graph.memory.selection import conditions
from mnemos_graph.model import Access, Block, Fact, Memory, Position, RecordId
from mnemos_graph.store import (
    Condition,
    Filter,
    Find,
    GraphStore,
    In,
    Order,
    Present,
    View,
    facts_holding,
    fulfils,
)

MOST_BLOCKS = 50
_MOST_FACTS = 50
_STANDING_READ = 100
_MOST_STANDING = 20
_FIRST_HITS = 20
"""Hits whose facts are told as well."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What there is to tell, the most wanted first."""

    pieces: Sequence[Piece]
    hits: Mapping[RecordId, Hit]
    """Of the memories among them, the most relevant first."""
    position: Position
    degraded: tuple[Signal, ...]


class Gathering:
    def __init__(self, store: GraphStore, recall: Recall) -> None:
        self._store = store
        self._recall = recall

    async def gather(self, access: Access, question: ContextQuestion, view: View) -> Gathered:
        """Return blocks, standing facts, then memories and facts about what is asked."""
        recalled = await self._recall.recall(access, question.recalling())
        blocks = await self.blocks(access, question, view)
        standing = await self._standing(access, question, view)
        facts = await self._facts(access, question, view, recalled)
        memories = [hit.memory for hit in recalled.hits]
        scope, query = question.scope, question.query
        where = (*conditions(view, scope, query), *seen_from(scope, query))
        neighbours = await beside(self._store, access, memories, where, view.known_at)
        pieces = [
            *(Piece(Part.BLOCKS, each) for each in blocks),
            *(Piece(Part.STANDING, each) for each in standing),
            *_interleaved(memories, neighbours, facts),
        ]
        hits = {hit.memory.id: hit for hit in recalled.hits}
        hits |= {each.id: Hit(each, 0.0, ()) for each in neighbours.values() if each.id not in hits}
        return Gathered(pieces, hits, recalled.position, recalled.degraded)

    async def blocks(
        self, access: Access, question: ContextQuestion, view: View
    ) -> Sequence[Block]:
        """Return the blocks that are before an agent in the question's scope, by label."""
        if not question.include_blocks:
            return ()
        asked = Find(
            Block,
            always_before(question.scope),
            order=Order("label"),
            first=MOST_BLOCKS,
            known_at=view.known_at,
        )
        (page,) = await self._store.find(access, [asked])
        return page.records

    async def _standing(
        self, access: Access, question: ContextQuestion, view: View
    ) -> Sequence[Fact]:
        """Return what is so of those about whom most is known: the same whatever is asked.

        Unless another instant is asked about, the conditions name none, so that the answer can be
        kept until one of the facts changes.
        """
        if not question.include_facts:
            return ()
        where: list[Condition] = [In("predicate", tuple(sorted(SINGLE_VALUED)))]
        where += _always_about(question.scope)
        if question.query.as_of is None:
            open_ended = Present("valid_to", present=False)
            where += [open_ended, Present("invalidated_at", present=False)]
        else:
            where += facts_holding(view)
        newest = Order("created_at", descending=True)
        asked = Find(Fact, tuple(where), order=newest, first=_STANDING_READ, known_at=view.known_at)
        (page,) = await self._store.find(access, [asked])
        holding = [each for each in page.records if fulfils(each, facts_holding(view))]
        known = Counter(each.subject_id for each in holding)
        holding.sort(key=lambda each: (_begun(each), each.id), reverse=True)
        holding.sort(key=lambda each: (-known[each.subject_id], each.subject_id))
        return holding[:_MOST_STANDING]

    async def _facts(
        self, access: Access, question: ContextQuestion, view: View, recalled: Recalled
    ) -> Sequence[Fact]:
        """Return what holds of the entities that the question names, and what the best hits rest on."""
        if not question.include_facts:
            return ()
        reached = await reach(self._store, access, question.recalling(), view)
        ids: dict[RecordId, None] = dict.fromkeys(reached.near)
        for hit in recalled.hits[:_FIRST_HITS]:
            ids |= dict.fromkeys(hit.memory.fact_ids)
        if not ids:
            return ()
        where = (In("id", tuple(ids)), *facts_within(question.scope), *facts_holding(view))
        known = Find(Fact, where, first=_MOST_FACTS, known_at=view.known_at)
        (page,) = await self._store.find(access, [known])
        newest = sorted(page.records, key=_begun, reverse=True)
        return sorted(newest, key=lambda fact: -reached.near.get(fact.id, 0.0))


def always_before(scope: ReadScope) -> Filter:
    """Return the conditions for blocks that are before an agent in ``scope``.

    A block without agent or session is there for every agent and session.
    """
    found: list[Condition] = [*_owned(scope)]
    if scope.agent_id is not None:
        found.append(In("agent_id", (scope.agent_id, None)))
    if scope.session_id is not None:
        found.append(In("session_id", (scope.session_id, None)))
    return tuple(found)


def facts_within(scope: ReadScope) -> Filter:
    """Return the conditions for facts in ``scope``: they belong to no session."""
    return within(replace(scope, session_id=None))


def _always_about(scope: ReadScope) -> Filter:
    return (*_owned(scope), *facts_within(replace(scope, user_id=None)))


def _owned(scope: ReadScope) -> Filter:
    users = (scope.user_id, None) if scope.include_shared else (scope.user_id,)
    return (In("user_id", users if scope.user_id else (None,)),)


def _begun(fact: Fact) -> datetime:
    return fact.valid_from or fact.told_at or fact.created_at


def _interleaved(
    memories: Sequence[Memory], neighbours: Mapping[RecordId, Memory], facts: Sequence[Fact]
) -> Iterator[Piece]:
    """Yield the best of both in turn: neither may push all of the other out."""
    for place in range(max(len(memories), len(facts))):
        for memory in memories[place : place + 1]:
            yield Piece(Part.MEMORIES, memory)
            if memory.id in neighbours:
                yield Piece(Part.MEMORIES, neighbours[memory.id])
        yield from (Piece(Part.FACTS, fact) for fact in facts[place : place + 1])
