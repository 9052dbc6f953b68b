"""Work that goes on after its request was answered."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Self

import strawberry

from mnemos_graph import model
from mnemos_graph.errors import NotFound
from mnemos_graph.memory.outcomes import Written
from mnemos_graph.model import Spending
from mnemos_graph.store import VersionRef
from mnemos_schema.context import Context, Info
from mnemos_schema.enums import JobState
from mnemos_schema.interfaces import Node
from mnemos_schema.scalars import Cursor

JobId = Annotated[strawberry.ID, strawberry.argument(description="The job's id.")]


@strawberry.type(description="What calls of one language model came to.")
class ModelCost:
    model: str = strawberry.field(description="Provider and model.")
    calls: int = strawberry.field(description="How often it was asked.")
    failures: int = strawberry.field(description="How often it did not answer.")
    tokens_read: int = strawberry.field(description="Tokens of all requests.")
    tokens_cached: int = strawberry.field(
        description="Of those, what the provider still had of earlier requests."
    )
    tokens_written: int = strawberry.field(description="Tokens of all answers, thoughts included.")
    dollars: float | None = strawberry.field(
        description="What they cost; null where not all of it is known."
    )

    @classmethod
    def of(cls, spent: Spending) -> Self:
        return cls(
            model=spent.model,
            calls=spent.calls,
            failures=spent.failures,
            tokens_read=spent.read,
            tokens_cached=spent.cached,
            tokens_written=spent.written,
            dollars=None if spent.dollars is None else round(spent.dollars, 9),
        )


@strawberry.type(description="What language models cost, over all tries.")
class Cost:
    dollars: float | None = strawberry.field(
        description="All of it in US dollars; null where not all of it is known."
    )
    models: list[ModelCost] = strawberry.field(description="By model.")

    @classmethod
    def of(cls, spent: Sequence[Spending]) -> Self | None:
        """Return a cost; None where no language model was asked."""
        if not spent:
            return None
        known = [each.dollars for each in spent if each.dollars is not None]
        dollars = round(sum(known), 9) if len(known) == len(spent) else None
        return cls(dollars=dollars, models=[ModelCost.of(each) for each in spent])


@strawberry.type(description="Work that goes on after its request was answered.")
class Job(Node):
    kind: str = strawberry.field(description="What it does, such as forgetUser.")
    state: JobState = strawberry.field(description="How far it has come.")
    progress: float = strawberry.field(description="0 to 1.")
    total: int | None = strawberry.field(description="How many items it has; null: not known yet.")
    done: int = strawberry.field(description="How many items it has finished.")
    failed: int = strawberry.field(description="How many items it could not finish.")
    error: str | None = strawberry.field(description="Why it failed, or why its items did.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(
        description="When it ended, well or not; null while it goes on."
    )
    cost: Cost | None = strawberry.field(
        description="What language models cost until now; null where none was asked."
    )

    @classmethod
    def of(cls, record: model.Job) -> Self:
        return cls(
            id=strawberry.ID(record.id),
            kind=record.kind,
            state=record.state,
            progress=record.progress,
            total=record.total,
            done=record.done,
            failed=record.failed,
            error=record.error,
            created_at=record.created_at,
            finished_at=record.finished_at,
            cost=Cost.of(record.spent),
        )


@strawberry.type(description="A job that was taken in and will be done, also after a restart.")
class JobPayload:
    job: Job = strawberry.field(description="The job; follow it with the subscription of it.")
    position: Cursor = strawberry.field(description="Where it stands in the change log.")

    @classmethod
    async def of(cls, context: Context, written: Written[model.Job]) -> Self:
        return cls(job=Job.of(written.record), position=await context.cursor(written.position))


@strawberry.type
class JobQueries:
    @strawberry.field(description="One job by its id; null where there is none.")
    async def job(self, info: Info, id: JobId) -> Job | None:
        found = await info.context.load.one(model.Job, id)
        return Job.of(found) if found else None


@strawberry.type
class JobSubscriptions:
    @strawberry.subscription(
        description="A job as it is and whenever it changes, until it has ended."
    )
    async def job(self, info: Info, id: JobId) -> AsyncGenerator[Job, None]:
        context, known = info.context, model.RecordId(id)
        if await context.load.one(model.Job, known) is None:
            raise NotFound(model.RecordKind.JOB.value, known)
        return _states(context, known)


async def _states(context: Context, id: model.RecordId) -> AsyncGenerator[Job, None]:
    told = 0
    async with aclosing(context.services.feed.follow(context.access)) as pages:
        async for page in pages:
            if told:
                numbers = [each.version for each in page.changes if each.subject_id == id]
            elif job := await context.load.one(model.Job, id):
                numbers = [job.version]
            else:
                return
            refs = [VersionRef(id, number) for number in numbers if number > told]
            for version in await context.load.version.load_many(refs):
                if version is None or not isinstance(version.record, model.Job):
                    return
                told = version.record.version
                yield Job.of(version.record)
                if version.record.ended or version.kind is model.ChangeKind.DELETED:
                    return
