"""The `mnemos` command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mnemos import __version__
from mnemos.folder import FolderHeld
from mnemos.run import run
from mnemos.settings import Settings, SettingsError
from mnemos_graph.errors import MnemosError


@click.group()
@click.version_option(__version__, package_name="mnemos")
def main() -> None:
    """Live memory for AI agents."""


@main.command()
@click.option("--host", help="The address to listen at (MNEMOS_HOST).")
@click.option("--port", type=int, help="The port to listen at; 0: any free one (MNEMOS_PORT).")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder that everything is kept in (MNEMOS_DATA).",
)
def serve(**given: Any) -> None:
    """Serve GraphQL until interrupted."""
    try:
        settings = Settings.load(
            {name: value for name, value in given.items() if value is not None}
        )
        run(settings, click.echo)
    except (SettingsError, FolderHeld, MnemosError) as refused:
        raise click.ClickException(str(refused)) from refused
