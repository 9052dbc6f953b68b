"""What commands print: JSON for scripts, lines for people, progress on the side."""

from __future__ import annotations

import asyncio

import click
import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from mnemos.client import AsyncClient
from mnemos.client.results import Job
from mnemos_graph.errors import Unavailable

EVERY = 0.2
"""Seconds between two looks at a job."""


def say_json(value: object) -> None:
    """Print one line of JSON, with the names of the API."""
    click.echo(msgspec.json.encode(value).decode())


def bar(*counts: ProgressColumn) -> Progress:
    """Return a progress bar on standard error, which shows itself to people only."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *(counts or (MofNCompleteColumn(),)),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


async def until_done(client: AsyncClient, job: Job, what: str) -> Job:
    """Show a job's progress until it has ended, and return its last state.

    Raises:
        Unavailable: it failed or was cancelled.
    """
    with bar() as progress:
        task = progress.add_task(what, total=job.total)
        while not job.ended:
            await asyncio.sleep(EVERY)
            job = await client.job(job.id) or job
            progress.update(task, total=job.total, completed=job.done + job.failed)
    if job.state != "SUCCEEDED":
        raise Unavailable(f"{what}: {job.error or 'it was cancelled'}. It is job {job.id}.")
    return job
