"""`mnemos import`."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import get_args

import click
from rich.progress import DownloadColumn

from mnemos.cli.options import as_json
from mnemos.cli.output import bar, say_json, until_done
from mnemos.cli.reach import asking
from mnemos.client import AsyncClient
from mnemos.client.inputs import FileFormat
from mnemos.client.results import Job
from mnemos.client.transfers import ImportStarted
from mnemos_graph.errors import NotFound

_CHUNK = 262_144
FORMATS = click.Choice(get_args(FileFormat))


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--user", "user_id", metavar="ID", help="Whose it is, where the file names nobody.")
@click.option("--agent", "agent_id", metavar="ID", help="The agent that it belongs to.")
@click.option("--verbatim", is_flag=True, help="Keep every turn as a memory, word for word.")
@click.option("--format", type=FORMATS, help="What the file is, where that cannot be seen.")
@click.option("--again", is_flag=True, help="Also what was imported in the last seven days.")
@as_json
def command(
    *,
    path: Path,
    user_id: str | None,
    agent_id: str | None,
    verbatim: bool,
    format: FileFormat | None,
    again: bool,
    json: bool,
) -> None:
    """Take in PATH: a document, or what was said.

    Documents are text, Markdown, HTML and PDF; importing one of the same name again replaces what
    has changed in it. What was said comes as an export of Mnemos, ChatGPT or Claude, as messages in
    JSON lines, or as LoCoMo.
    """

    async def work(client: AsyncClient) -> tuple[ImportStarted, Job]:
        started = await client.import_file(
            _pieces(path),
            user_id=user_id,
            agent_id=agent_id,
            verbatim=verbatim,
            format=format,
            name=path.name,
            idempotency_key=None
            if again
            else await asyncio.to_thread(
                _key, path, path.name, user_id, agent_id, verbatim, format
            ),
        )
        job = await client.job(started.job_id)
        if job is None:
            raise NotFound("job", started.job_id)
        return started, await until_done(client, job, f"Importing {path.name}")

    started, job = asking(work)
    for part in started.broken:
        click.echo(f"{part.where}: {part.why}", err=True)
    if json:
        say_json({"job": job, "brokenCount": started.broken_count, "broken": started.broken})
    else:
        _say(path, started, job)


def _say(path: Path, started: ImportStarted, job: Job) -> None:
    failed = f", {job.failed} could not be ({job.error})" if job.failed else ""
    broken = f", {started.broken_count} broken" if started.broken_count else ""
    click.echo(f"{path.name}: {job.done} taken in{failed}{broken}.")


async def _pieces(path: Path) -> AsyncGenerator[bytes, None]:
    size = (await asyncio.to_thread(path.stat)).st_size
    with path.open("rb") as file, bar(DownloadColumn()) as progress:
        task = progress.add_task(f"Sending {path.name}", total=size)
        while piece := await asyncio.to_thread(file.read, _CHUNK):
            yield piece
            progress.advance(task, len(piece))


def _key(path: Path, *options: object) -> str:
    """Return what makes the same import again a repetition of the first."""
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(f"{content} {options}".encode()).hexdigest()
