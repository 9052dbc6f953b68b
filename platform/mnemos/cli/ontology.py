"""`mnemos ontology`: what an organization wants noted of what it tells."""

from __future__ import annotations

from typing import BinaryIO

import click
import msgspec

from mnemos.cli.options import as_json
from mnemos.cli.output import say_json
from mnemos.cli.reach import asking
from mnemos.client.inputs import EntityType, FactType
from mnemos.client.results import Ontology
from mnemos_graph.errors import BadInput


class Written(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """An ontology as its file has it."""

    instructions: str = ""
    entity_types: tuple[EntityType, ...] = ()
    fact_types: tuple[FactType, ...] = ()
    closed: bool = False


@click.group("ontology")
def command() -> None:
    """Show, set and delete what is to be noted of what is told."""


@command.command("show")
def show() -> None:
    """Print the ontology as a file that `set` takes."""
    found = asking(lambda client: client.ontology())
    if found is None:
        click.echo("There is no ontology: whatever is worth it is noted.", err=True)
        return
    click.echo(_as_file(found))


@command.command("set")
@click.argument("file", type=click.File("rb"))
@as_json
def set_(*, file: BinaryIO, json: bool) -> None:
    """Keep the ontology in FILE, JSON, in place of the one that was there; - is standard input."""
    try:
        new = msgspec.json.decode(file.read(), type=Written)
    except msgspec.DecodeError as wrong:
        raise BadInput(f"{file.name} is no ontology: {wrong}.") from wrong
    written = asking(
        lambda client: client.set_ontology(
            instructions=new.instructions,
            entity_types=new.entity_types,
            fact_types=new.fact_types,
            closed=new.closed,
        )
    )
    if json:
        say_json(written)
    else:
        click.echo(f"What is told from now on is read by version {written.ontology.version}.")


@command.command("delete")
def delete() -> None:
    """Delete the ontology; what was noted by it stays."""
    asking(lambda client: client.delete_ontology())
    click.echo("There is no ontology any more.")


def _as_file(found: Ontology) -> str:
    whole = msgspec.to_builtins(found)
    kept = {name: whole[name] for name in ("instructions", "entityTypes", "factTypes", "closed")}
    return msgspec.json.format(msgspec.json.encode(kept), indent=2).decode()
