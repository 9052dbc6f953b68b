"""`mnemos serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mnemos.run import run
from mnemos.settings import Settings


@click.command("serve")
@click.option("--host", help="The address to listen at (MNEMOS_HOST).")
@click.option("--port", type=int, help="The port to listen at; 0: any free one (MNEMOS_PORT).")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder that everything is kept in (MNEMOS_DATA).",
)
@click.option("--workers", type=int, help="Processes that answer (MNEMOS_WORKERS).")
def command(**given: Any) -> None:
    """Serve GraphQL until interrupted."""
    settings = Settings.load({name: value for name, value in given.items() if value is not None})
    run(settings, click.echo)
