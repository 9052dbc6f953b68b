"""`mnemos schema`."""

from __future__ import annotations

from pathlib import Path

import click

from mnemos_schema.schema import schema


@click.command("schema")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it there.")
def command(output: Path | None) -> None:
    """Print the GraphQL schema, or write it to a file."""
    text = schema.as_str()
    if output is None:
        click.echo(text)
    else:
        output.write_text(text + "\n", encoding="utf-8")
