"""`mnemos jobs`: what was given up can be looked at, and run again.

The API tells of one job. A list, and running one again, are for whoever operates the store, so
these commands open it themselves: beside the servers of a team, or where no server holds the folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import click

from mnemos.cli.options import as_json
from mnemos.cli.output import say_json
from mnemos.cli.reach import asking, inside
from mnemos.client.results import Cost, Job, ModelCost
from mnemos.settings import Settings
from mnemos.wiring import Opened
from mnemos_graph.errors import NotFound
from mnemos_graph.feed import Journal
from mnemos_graph.identity import LOCAL
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.model import Access, JobState, RecordId, Spending
from mnemos_graph.model import Job as KeptJob

T = TypeVar("T")

STATES = click.Choice([state.value for state in JobState], case_sensitive=False)
of_organization = click.option(
    "--org", metavar="NAME", default=LOCAL.name, show_default=True, help="The organization."
)


@click.group("jobs")
def command() -> None:
    """List, show and retry jobs."""


@command.command("list")
@click.option("--state", "states", type=STATES, multiple=True, help="Only these; may be repeated.")
@click.option("--first", type=click.IntRange(1, 1_000), default=20, show_default=True)
@of_organization
@as_json
def list_(*, states: tuple[str, ...], first: int, org: str, json: bool) -> None:
    """List jobs, the newest first."""

    async def look(access: Access, jobs: Jobs) -> tuple[Job, ...]:
        wanted = [JobState(state) for state in states] or list(JobState)
        return tuple(_told(each) for each in await jobs.newest(access, wanted, first))

    found = _in_store(org, look)
    if json:
        say_json(found)
        return
    for job in found:
        _say(job)


@command.command("show")
@click.argument("id")
@as_json
def show(*, id: str, json: bool) -> None:
    """Show the job with this ID."""
    job = asking(lambda client: client.job(id))
    if job is None:
        raise NotFound("job", id)
    if json:
        say_json(job)
    else:
        _say(job)


@command.command("retry")
@click.argument("id")
@of_organization
@as_json
def retry(*, id: str, org: str, json: bool) -> None:
    """Run the job with this ID again, with what it did not come to. Only one that has failed."""

    async def again(access: Access, jobs: Jobs) -> Job:
        return _told((await jobs.retry(access, RecordId(id))).record)

    job = _in_store(org, again)
    if json:
        say_json(job)
    else:
        click.echo(f"Job {job.id} is queued. A server or worker takes it up.")


def _in_store(org: str, work: Callable[[Access, Jobs], Awaitable[T]]) -> T:
    async def carried_out() -> T:
        async with inside().parts(Settings.load({})) as opened:
            return await work(await _access(opened, org), _jobs(opened))

    return asyncio.run(carried_out())


def _jobs(opened: Opened) -> Jobs:
    parts = opened.parts
    return Jobs(Journal(parts.store, parts.bus), parts.clock, parts.ready)


async def _access(opened: Opened, name: str) -> Access:
    """Return the whole of an organization, which whoever may open the store has."""
    found = LOCAL if name == LOCAL.name else await opened.directory.organization_named(name)
    if found is None:
        raise NotFound("organization", name)
    return Access(found.id, "system")


def _told(job: KeptJob) -> Job:
    return Job(
        id=job.id,
        kind=job.kind,
        state=job.state.name,
        progress=job.progress,
        total=job.total,
        done=job.done,
        failed=job.failed,
        error=job.error,
        created_at=job.created_at,
        finished_at=job.finished_at,
        cost=_cost(job.spent),
    )


def _cost(spent: Sequence[Spending]) -> Cost | None:
    if not spent:
        return None
    models = tuple(
        ModelCost(
            model=each.model,
            calls=each.calls,
            failures=each.failures,
            tokens_read=each.read,
            tokens_cached=each.cached,
            tokens_written=each.written,
            dollars=each.dollars,
        )
        for each in spent
    )
    known = [each.dollars for each in spent if each.dollars is not None]
    return Cost(dollars=sum(known) if len(known) == len(spent) else None, models=models)


def _say(job: Job) -> None:
    total = "?" if job.total is None else job.total
    items = f"{job.done}/{total}" + (f", {job.failed} failed" if job.failed else "")
    error = f"  {job.error}" if job.error else ""
    click.echo(
        f"{job.id}  {job.state.lower():<9}  {job.created_at:%Y-%m-%d %H:%M}  {job.kind}  "
        f"{items}{_spent(job.cost)}{error}"
    )


def _spent(cost: Cost | None) -> str:
    """Return what models cost, as a part of a line."""
    if cost is None:
        return ""
    tokens = sum(each.tokens_read + each.tokens_written for each in cost.models)
    dollars = "price unknown" if cost.dollars is None else f"${cost.dollars:.4f}"
    calls = sum(each.calls for each in cost.models)
    return f"  {calls:,} calls, {tokens:,} tokens, {dollars}"
