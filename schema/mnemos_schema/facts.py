"""Facts: asked for, stated, ended and taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from mnemos_graph import model
from mnemos_graph.memory.facts import naming
from mnemos_graph.memory.facts.facts import FactWritten, NewFact
from mnemos_graph.store import Order, Page
from mnemos_schema.arguments import (
    After,
    AsOf,
    First,
    IdempotencyKey,
    IncludeInvalid,
    InScope,
    KnownAt,
)
from mnemos_schema.by_id import by_id
from mnemos_schema.connections import FactConnection
from mnemos_schema.context import Context, Info
from mnemos_schema.inputs import given, optional
from mnemos_schema.limits import page_size
from mnemos_schema.pages import MOST_COUNTED, PageCursors
from mnemos_schema.records import Fact
from mnemos_schema.scalars import Cursor
from mnemos_schema.scope import ScopeInput, scope_of

DEFAULT_CONFIDENCE = 1.0

FactId = Annotated[strawberry.ID, strawberry.argument(description="The fact's id.")]


@strawberry.input(
    description="An entity by its id, or by its name and kind: an unknown name makes one."
)
class EntityRef:
    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Its id; or else its name."
    )
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="A name that it goes by; or else its id."
    )
    kind: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="PERSON, PLACE, …; absent: of any kind, and TOPIC where a new one is made.",
    )

    def ref(self) -> naming.EntityRef:
        known = optional(self.id)
        return naming.EntityRef(
            id=None if known is None else model.RecordId(known),
            name=optional(self.name),
            kind=optional(self.kind),
        )


@strawberry.input(description="A fact to state. Exactly one of object and value is given.")
class AssertFactInput:
    subject: EntityRef = strawberry.field(description="What it is about.")
    predicate: str = strawberry.field(description="What relates them, such as lives_in.")
    object: EntityRef | None = strawberry.field(
        default=strawberry.UNSET, description="The entity at its other end."
    )
    value: str | None = strawberry.field(
        default=strawberry.UNSET, description="The value at its other end."
    )
    statement: str | None = strawberry.field(
        default=strawberry.UNSET, description="The same as a sentence; absent: it is made."
    )
    valid_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When it began to hold, in the world."
    )
    confidence: float | None = strawberry.field(
        default=strawberry.UNSET, description="0 to 1; 1 where it is not given."
    )
    scope: ScopeInput = strawberry.field(description="Whose memory it is.")

    def new_fact(self) -> NewFact:
        """Return the fact that is stated.

        Raises:
            BadInput: its scope is not valid.
        """
        target = optional(self.object)
        return NewFact(
            subject=self.subject.ref(),
            predicate=self.predicate,
            scope=self.scope.scope(),
            object=target.ref() if target else None,
            value=optional(self.value),
            statement=optional(self.statement),
            confidence=given(self.confidence, DEFAULT_CONFIDENCE),
            valid_from=optional(self.valid_from),
        )


@strawberry.type(description="A fact as it was written.")
class FactPayload:
    fact: Fact = strawberry.field(description="As this write left it.")
    closed: list[Fact] = strawberry.field(description="The facts that it ended.")
    position: Cursor = strawberry.field(description="Where the write stands in the change log.")

    @classmethod
    async def of(cls, context: Context, written: FactWritten) -> Self:
        seen = context.now()
        return cls(
            fact=Fact.of(written.fact, seen),
            closed=[Fact.of(each, seen) for each in written.closed],
            position=await context.cursor(written.position),
        )


@strawberry.type
class FactQueries:
    @strawberry.field(
        description="One fact by its id; null where there is none, or it did not hold at asOf."
    )
    async def fact(
        self,
        info: Info,
        id: FactId,
        as_of: AsOf = strawberry.UNSET,
        known_at: KnownAt = strawberry.UNSET,
    ) -> Fact | None:
        return await by_id(info.context, model.Fact, id, Fact.of, as_of=as_of, known_at=known_at)

    @strawberry.field(
        description="Facts that hold, page by page, in the order in which they came to be known."
    )
    async def facts(
        self,
        info: Info,
        *,
        scope: InScope = strawberry.UNSET,
        subject_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Only about this entity, and all that it was merged with."
            ),
        ] = strawberry.UNSET,
        predicate: Annotated[
            str | None, strawberry.argument(description="Only with this predicate.")
        ] = strawberry.UNSET,
        as_of: AsOf = strawberry.UNSET,
        known_at: KnownAt = strawberry.UNSET,
        include_invalid: IncludeInvalid = False,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> FactConnection | None:
        context, within = info.context, scope_of(scope)
        subject, said = optional(subject_id), optional(predicate)
        moment = (optional(as_of), optional(known_at), include_invalid)
        cursors = PageCursors.to(
            context.access.organization, model.Fact, Order(), within, subject, said, moment
        )
        mark = cursors.mark(optional(after))
        seen = await context.look(*moment[:2], everything=include_invalid)

        async def find(first: int, count_to: int = 0) -> Page[model.Fact]:
            return await context.services.facts.find(
                context.access,
                within,
                subject_id=None if subject is None else model.RecordId(subject),
                predicates=[] if said is None else [said],
                view=seen.view,
                include_invalid=include_invalid,
                first=first,
                after=None if count_to else mark,
                count_to=count_to,
            )

        async def count() -> int | None:
            return (await find(1, MOST_COUNTED)).total

        return FactConnection.of(await find(page_size(first)), cursors, mark, count, seen)


@strawberry.type
class FactMutations:
    @strawberry.mutation(
        description=(
            "State a fact. A newer value of a single-valued relation ends the older one; what is "
            "known already is answered as it is known."
        )
    )
    async def assert_fact(
        self,
        info: Info,
        input: Annotated[AssertFactInput, strawberry.argument(description="The fact.")],
        idempotency_key: IdempotencyKey = strawberry.UNSET,
    ) -> FactPayload | None:
        context = info.context
        written = await context.services.facts.assert_(  # noqa: PT009 - no assertion
            context.access, input.new_fact(), optional(idempotency_key)
        )
        return await FactPayload.of(context, written)

    @strawberry.mutation(description="Say that a fact stopped holding in the world.")
    async def end_fact(
        self,
        info: Info,
        id: FactId,
        at: Annotated[
            datetime | None, strawberry.argument(description="When it did; absent: now.")
        ] = strawberry.UNSET,
    ) -> FactPayload | None:
        context = info.context
        ended = await context.services.facts.end(context.access, model.RecordId(id), optional(at))
        return await FactPayload.of(context, ended)

    @strawberry.mutation(description="Say that a fact was never so: what it had ended holds again.")
    async def invalidate_fact(self, info: Info, id: FactId) -> FactPayload | None:
        context = info.context
        invalid = await context.services.facts.invalidate(context.access, model.RecordId(id))
        return await FactPayload.of(context, invalid)
