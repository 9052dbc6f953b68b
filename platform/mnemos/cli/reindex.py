"""`mnemos reindex`."""

from __future__ import annotations

import click

from mnemos.cli.options import as_json
from mnemos.cli.output import say_json, until_done
from mnemos.cli.reach import asking
from mnemos.client import AsyncClient
from mnemos.client.results import Job


@click.command("reindex")
@as_json
def command(*, json: bool) -> None:
    """Build the search by meaning anew, from the vectors that are kept."""

    async def work(client: AsyncClient) -> Job:
        return await until_done(client, (await client.reindex()).job, "Reindexing")

    job = asking(work)
    if json:
        say_json(job)
    else:
        click.echo(f"{job.done} memories can be found by meaning.")
