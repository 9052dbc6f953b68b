"""Facts stated, ended, taken back and asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mnemos_graph.errors import BadInput, NotFound
from mnemos_graph.feed import Journal
from mnemos_graph.memory import checks
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.facts.book import Book
from mnemos_graph.memory.facts.families import canonical, family
from mnemos_graph.memory.facts.naming import EntityRef, Names, word
from mnemos_graph.memory.outcomes import Clock
from mnemos_graph.memory.receipts import Keyed, Receipts, named
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope, within
from mnemos_graph.memory.selection import look
from mnemos_graph.model import (
    Access,
    Entity,
    Fact,
    Position,
    RecordId,
    RecordKind,
    Scope,
    new_id,
)
from mnemos_graph.store import (
    Condition,
    Find,
    GraphStore,
    In,
    Mark,
    Order,
    Page,
    Put,
    View,
    facts_holding,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFact:
    """What a caller states. Exactly one of ``object`` and ``value`` is given."""

    subject: EntityRef
    predicate: str
    scope: Scope
    object: EntityRef | None = None
    value: str | None = None
    statement: str | None = None
    confidence: float = 1.0
    valid_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class FactWritten:
    fact: Fact
    closed: tuple[Fact, ...]
    """The facts that this one ended."""
    position: Position


class Facts:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._attempts = Attempts(journal)
        self._receipts = Receipts(journal.store, clock)
        self._clock = clock

    @property
    def _store(self) -> GraphStore:
        return self._attempts.store

    async def assert_(self, access: Access, new: NewFact, key: str | None = None) -> FactWritten:
        """State a fact; a name that nobody has makes an entity, what is said already gets support.

        The session is left out of its scope: what is said in one session corrects another.

        Raises:
            BadInput: a part of it cannot be; the message says which.
            NotFound: an id leads to no entity.
            Conflict: the key came with another input before.
        """
        _check(new)
        request = Keyed.of("assertFact", key, new)

        async def decide(_: Position) -> Plan[FactWritten]:
            before = await self._receipts.look(access, request)
            if answer := await self._receipts.first_answer(access, Fact, before):
                (fact, *closed), position = answer
                first = FactWritten(fact, tuple(closed), position)
                return Plan((), lambda _: first)
            now = self._clock()
            names, book = Names(self._store, access, new.scope, now), Book(self._store, access, now)
            told = await book.tell(await _made(new, names, now), now)
            fact, closed = book.final(told.fact), [book.final(each) for each in told.closed]
            receipt = self._receipts.put(request, new.scope, before, answer=named(fact, *closed))
            entities = tuple(Put(each) for each in names.new)
            operations = (*entities, *await book.operations(), *receipt)
            return Plan(operations, lambda at: FactWritten(fact, tuple(closed), at))

        return await self._attempts.carry_out(access, decide)

    async def end(self, access: Access, id: RecordId, at: datetime | None = None) -> FactWritten:
        """Say that a fact stopped holding in the world, at ``at`` or now; it was true until then.

        Raises:
            BadInput: it is invalid, or would end before it began.
            NotFound: there is no such fact.
        """
        if at is not None:
            checks.instant("at", at)

        def ended(fact: Fact) -> Fact:
            if fact.invalidated_at is not None:
                raise BadInput("This fact was found never to have been so; it cannot end.")
            end = at or self._clock()
            checks.interval(fact.valid_from, end)
            return replace(fact, ended_at=end, ended_by=None)

        return await self._change(access, id, ended)

    async def invalidate(self, access: Access, id: RecordId) -> FactWritten:
        """Say that a fact was never so: what it had ended holds again.

        Inferred memories that rest on nothing else are deleted with it.

        Raises:
            NotFound: there is no such fact.
        """

        def invalid(fact: Fact) -> Fact:
            return replace(fact, invalidated_at=fact.invalidated_at or self._clock())

        return await self._change(access, id, invalid)

    async def find(
        self,
        access: Access,
        scope: ReadScope = ANYWHERE,
        *,
        subject_id: RecordId | None = None,
        predicates: Sequence[str] = (),
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        view: View | None = None,
        include_invalid: bool = False,
        first: int = 50,
        after: Mark | None = None,
        count_to: int = 0,
    ) -> Page[Fact]:
        """Return a page of the facts that hold at ``view``, or at (as_of, known_at), by id.

        A subject stands for all that it was merged with, as it was known then.
        ``include_invalid`` gives ended and invalid ones too.
        """
        checks.page_size(first)
        if view is None:
            view = await look(
                self._store, access, now=self._clock(), as_of=as_of, known_at=known_at
            )
        where: list[Condition] = [*within(scope)]
        if subject_id is not None:
            subjects = await self._standing_for(access, subject_id, view)
            where.append(In("subject_id", subjects))
        if predicates:
            where.append(In("predicate", tuple(word("predicate", each) for each in predicates)))
        if not include_invalid:
            where += facts_holding(view)
        question = Find(
            Fact,
            tuple(where),
            order=Order("id"),
            first=first,
            after=after,
            known_at=view.known_at,
            count_to=count_to,
        )
        (page,) = await self._store.find(access, [question])
        return page

    async def _standing_for(self, access: Access, id: RecordId, view: View) -> tuple[RecordId, ...]:
        known_at = view.known_at
        root = (await canonical(self._store, access, [id], known_at=known_at)).get(id)
        return await family(self._store, access, root.id, known_at=known_at) if root else ()

    async def _change(
        self, access: Access, id: RecordId, change: Callable[[Fact], Fact]
    ) -> FactWritten:
        async def decide(_: Position) -> Plan[FactWritten]:
            fact = (await self._store.get(access, Fact, [id])).get(id)
            if fact is None:
                raise NotFound(RecordKind.FACT.value, id)
            book = Book(self._store, access, self._clock())
            changed = book.final(await book.change(change(fact)))
            return Plan(await book.operations(), lambda at: FactWritten(changed, (), at))

        return await self._attempts.carry_out(access, decide)


def _check(new: NewFact) -> None:
    if (new.object is None) == (new.value is None):
        raise BadInput("A fact needs an object or a value; exactly one of the two.")
    word("predicate", new.predicate)
    if new.value is not None:
        checks.text("value", new.value)
    if new.statement is not None:
        checks.text("statement", new.statement)
    checks.share("confidence", new.confidence)
    checks.optional_instant("validFrom", new.valid_from)


async def _made(new: NewFact, names: Names, now: datetime) -> Fact:
    subject = await names.resolve("subject", new.subject)
    target = await names.resolve("object", new.object) if new.object else None
    predicate = word("predicate", new.predicate)
    return Fact(
        id=new_id(),
        scope=Scope(new.scope.user_id, new.scope.agent_id),
        created_at=now,
        updated_at=now,
        subject_id=subject.id,
        predicate=predicate,
        object_id=target.id if target else None,
        value=new.value,
        statement=new.statement or _sentence(subject, predicate, target, new.value),
        confidence=new.confidence,
        valid_from=new.valid_from,
        told_at=None if new.valid_from else now,
        asserted=True,
    )


def _sentence(subject: Entity, predicate: str, target: Entity | None, value: str | None) -> str:
    return f"{subject.name} {predicate.replace('_', ' ')} {target.name if target else value}"
