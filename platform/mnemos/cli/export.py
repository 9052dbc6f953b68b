"""`mnemos export`."""

from __future__ import annotations

import sys
from contextlib import aclosing
from pathlib import Path
from typing import IO

import click
from rich.progress import DownloadColumn

from mnemos.cli.output import bar
from mnemos.cli.reach import asking
from mnemos.client import AsyncClient


@click.command("export")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--user", "user_id", metavar="ID", help="Only what is known about this user.")
@click.option("--secrets", is_flag=True, help="Also what the knowledge vault keeps, in clear.")
def command(*, path: Path, user_id: str | None, secrets: bool) -> None:
    """Write everything that is known to PATH, as JSON lines that `mnemos import` reads.

    `-` is standard output. A file is there when it is whole, or not at all.
    """
    if str(path) == "-":
        asking(lambda client: _copy(client, user_id, sys.stdout.buffer, secrets=secrets))
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            part.chmod(0o600)
            asking(lambda client: _copy(client, user_id, file, secrets=secrets))
        part.replace(path)
    except OSError as failure:
        raise click.ClickException(f"{path} cannot be written: {failure.strerror}.") from failure
    finally:
        part.unlink(missing_ok=True)


async def _copy(
    client: AsyncClient, user_id: str | None, file: IO[bytes], *, secrets: bool
) -> None:
    with bar(DownloadColumn()) as progress:
        task = progress.add_task("Exporting", total=None)
        async with aclosing(client.export(user_id=user_id, secrets=secrets)) as pieces:
            async for piece in pieces:
                file.write(piece)
                progress.advance(task, len(piece))
