"""Recognises what contradicts a block, as far as rules can tell.

A memory or fact contradicts a sentence of the block where it

- states another value of a relation that has one value at a time, of the same subject;
- states what the sentence says has ended, or ends what it says;
- says the same in nearly the same words, but with other figures, or denies it.

What the sentences state is read by the offline extractor: plain English. Figures and denials are
compared in every language that has words for them. What contradicts only by its meaning ("is a
vegetarian", "ordered a steak") is not recognised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from mnemos_graph.errors import NotFound
from mnemos_graph.index.question import STOP_WORDS
from mnemos_graph.language.extractor import USER, CandidateEntity, CandidateFact, Turn
from mnemos_graph.language.offline.extractor import read
from mnemos_graph.language.offline.sentences import sentences
from mnemos_graph.language.relations import single_valued
from mnemos_graph.language.similarity import denials, numbers
from mnemos_graph.memory.watching.appearing import Appeared, said
from mnemos_graph.model import Access, Block, Entity, Fact, RecordId
from mnemos_graph.model.words import fold, words
from mnemos_graph.store import GraphStore

_SHARED = 0.6
"""Of the telling words of two sentences; with fewer in common they are about different things."""
_LEAST_SHARED = 2
_DENYING = frozenset(
    words(
        "not no never none nobody nothing without hardly barely stopped quit former formerly used"
    )
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A relation as it is stated, with every name folded."""

    subject: frozenset[str]
    predicate: str
    value: frozenset[str]
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    telling: frozenset[str]
    """Its words without stop words, figures and denials, stemmed."""


class AgainstBlock:
    """What is in the block's own partition and contradicts the block as it reads now."""

    def __init__(self, store: GraphStore, access: Access, block_id: RecordId) -> None:
        self._store = store
        self._access = access
        self._block_id = block_id

    async def check(self) -> None:
        """See that there is something to watch for.

        Raises:
            NotFound: there is no such block that the access may read.
        """
        if await self._block() is None:
            raise NotFound(Block.KIND.value, self._block_id)

    async def sees(self, appeared: Sequence[Appeared]) -> Mapping[int, float | None]:
        block = await self._block()
        if block is None:
            return {}
        facts = await self._facts(appeared)
        entities = await self._entities(facts.values())
        stated = {id_: _stated(fact, entities) for id_, fact in facts.items()}
        new = {
            place: each
            for place, each in enumerate(appeared)
            if each.is_new and each.record.scope.partition == block.scope.partition
        }

        def contradicting() -> Mapping[int, float | None]:
            told = Reading.of(block.value, block)
            return {
                place: None
                for place, each in new.items()
                if _contradicts(told, each, stated, block)
            }

        return await asyncio.to_thread(contradicting) if new else {}

    async def _block(self) -> Block | None:
        return (await self._store.get(self._access, Block, [self._block_id])).get(self._block_id)

    async def _facts(self, appeared: Sequence[Appeared]) -> Mapping[RecordId, Fact]:
        records = [each.record for each in appeared if each.is_new]
        facts = {each.id: each for each in records if isinstance(each, Fact)}
        ids = {id_ for each in records if not isinstance(each, Fact) for id_ in each.fact_ids}
        lacking = ids - facts.keys()
        if lacking:
            facts |= await self._store.get(self._access, Fact, lacking)
        return facts

    async def _entities(self, facts: Collection[Fact]) -> Mapping[RecordId, Entity]:
        ids = {id_ for each in facts for id_ in (each.subject_id, each.object_id) if id_}
        return await self._store.get(self._access, Entity, ids) if ids else {}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: its sentences, and what they state."""

    sentences: tuple[Sentence, ...]
    statements: tuple[Statement, ...]

    @classmethod
    def of(cls, text: str, by: Block) -> Reading:
        """Read ``text`` as the user of ``by`` would say it."""
        turn = Turn(text=text, occurred_at=by.updated_at, user_name=None)
        return cls(
            tuple(Sentence(each, _telling(each)) for each in sentences(text)),
            tuple(_candidate(each, by.scope.user_id) for each in read(turn).facts),
        )

    def contradicted_by(self, other: Reading) -> bool:
        return any(
            _disagree(one, another) for one in self.statements for another in other.statements
        ) or any(_differ(one, another) for one in self.sentences for another in other.sentences)


def _contradicts(
    told: Reading, each: Appeared, stated: Mapping[RecordId, Statement], block: Block
) -> bool:
    record = each.record
    ids = (record.id,) if isinstance(record, Fact) else record.fact_ids
    known = tuple(stated[id_] for id_ in ids if id_ in stated)
    heard = Reading.of(said(record), block)
    if known:  # a model or somebody's own word read it better than the rules do
        heard = Reading(heard.sentences, known)
    return told.contradicted_by(heard)


def _stated(fact: Fact, entities: Mapping[RecordId, Entity]) -> Statement:
    value = frozenset({fold(fact.value)}) if fact.value is not None else frozenset[str]()
    if fact.object_id:
        value = _names(entities.get(fact.object_id))
    return Statement(
        _themselves(_names(entities.get(fact.subject_id)), fact.scope.user_id),
        fact.predicate,
        value,
        fact.valid_to is not None,
    )


def _names(entity: Entity | None) -> frozenset[str]:
    return frozenset(map(fold, (entity.name, *entity.aliases))) if entity else frozenset()


def _candidate(fact: CandidateFact, user_id: str | None) -> Statement:
    value = fact.object.name if isinstance(fact.object, CandidateEntity) else fact.value
    return Statement(
        _themselves(frozenset({fold(fact.subject.name)}), user_id),
        fact.predicate,
        frozenset({fold(value or "")}),
        fact.ended or fact.valid_to is not None,
    )


def _themselves(names: frozenset[str], user_id: str | None) -> frozenset[str]:
    """Return the names, with all that the user goes by where they are the user's."""
    user = {USER, "the user", fold(user_id or USER)}
    return names | user if names & user else names


def _disagree(one: Statement, other: Statement) -> bool:
    if one.predicate != other.predicate or not one.subject & other.subject:
        return False
    same = bool(one.value & other.value)
    if one.ended != other.ended:
        return same
    return not same and not one.ended and single_valued(one.predicate)


def _telling(sentence: str) -> frozenset[str]:
    silent = STOP_WORDS | _DENYING
    return frozenset(each for each in words(sentence) if each not in silent and not numbers(each))


def _differ(one: Sentence, other: Sentence) -> bool:
    """Return whether two sentences about the same thing have other figures, or one denies it."""
    shared = one.telling & other.telling
    if len(shared) < _LEAST_SHARED or len(shared) < _SHARED * len(one.telling | other.telling):
        return False
    mine, theirs = numbers(one.text), numbers(other.text)
    figures = bool(mine) and bool(theirs) and mine != theirs
    return figures or denials(one.text) != denials(other.text)
