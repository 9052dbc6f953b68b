"""`mnemos consolidate`."""

from __future__ import annotations

import click

from mnemos.cli.options import as_json
from mnemos.cli.output import say_json, until_done
from mnemos.cli.reach import asking
from mnemos.client import AsyncClient
from mnemos.client.results import Job


@click.command("consolidate")
@click.option("--user", "user_id", metavar="ID", help="Whose memory; without it, the shared one.")
@as_json
def command(*, user_id: str | None, json: bool) -> None:
    """Find repeats and names that mean one, and write summaries of entities, at once."""

    async def work(client: AsyncClient) -> Job:
        started = await client.consolidate(user_id)
        return await until_done(client, started.job, "Consolidating")

    job = asking(work)
    if json:
        say_json(job)
    else:
        click.echo(f"Changed: {job.done}." if job.done else "Nothing to improve.")
