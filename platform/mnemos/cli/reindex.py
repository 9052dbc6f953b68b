"""`mnemos reindex`."""

from __future__ import annotations

import click

from mnemos.cli.options import as_json
from mnemos.cli.output import say_json, until_done
from mnemos.cli.reach import asking
from mnemos.client import AsyncClient
from mnemos.client.results import Job

REEMBED = "reembed"
"""The kind of the job that a change of the embedder begins by itself."""


@click.command("reindex")
@as_json
def command(*, json: bool) -> None:
    """Build the search by meaning anew, from the vectors that are kept.

    Where memories are being given the vectors of another embedder, show how far that is.
    """

    async def work(client: AsyncClient) -> Job:
        job = (await client.reindex()).job
        other = job.kind == REEMBED
        return await until_done(client, job, "New vectors" if other else "Reindexing")

    job = asking(work)
    if json:
        say_json(job)
    else:
        click.echo(f"{job.done} memories can be found by meaning.")
