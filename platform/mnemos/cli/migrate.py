"""`mnemos migrate`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import click
from rich.progress import TaskID, TextColumn

from mnemos.cli.options import as_json
from mnemos.cli.output import bar, say_json
from mnemos.migrating import give_up, migrate, store_at
from mnemos.settings import Settings
from mnemos_graph.memory.transfer.moving import Moved
from mnemos_graph.model import OrganizationId
from mnemos_graph.store.copying import Section


@click.command("migrate")
@click.option("--from", "source", metavar="URL", required=True, help="The store to move from.")
@click.option("--to", "target", metavar="URL", help="The store to move to.")
@click.option("--org", metavar="NAME", help="One organization alone.")
@click.option(
    "--give-up",
    "abandon",
    is_flag=True,
    help="Open again what an interrupted migration left sealed.",
)
@as_json
def command(*, source: str, target: str | None, org: str | None, abandon: bool, json: bool) -> None:
    """Move organizations to another store: records, history, log positions and keys.

    A URL is `sqlite:` (or `sqlite:FOLDER`) or `neo4j://USER:PASSWORD@HOST:7687`. Every row is
    compared before the copy is opened. The source can be read meanwhile, and is not served after.
    """
    if abandon:
        _say_left(asyncio.run(give_up(store_at(source))), json=json)
        return
    if target is None:
        raise click.UsageError("Give --to, the store to move to, or --give-up.")
    moved = asyncio.run(_migrated(store_at(source), store_at(target), org))
    if json:
        say_json([_told(each) for each in moved])
        return
    for each in moved:
        counts = ", ".join(f"{count} {section}" for section, count in each.rows.items())
        click.echo(f"{each.organization}: {counts}; the log goes on at {each.head.position}.")
    click.echo("Every row was compared. Point MNEMOS_STORE to the new store.")


async def _migrated(source: Settings, target: Settings, org: str | None) -> Sequence[Moved]:
    with bar(TextColumn("{task.completed} rows")) as progress:
        tasks: dict[tuple[OrganizationId, Section], TaskID] = {}

        def watch(organization: OrganizationId, section: Section, rows: int) -> None:
            key = (organization, section)
            if key not in tasks:
                tasks[key] = progress.add_task(f"{organization}: {section}", total=None)
            progress.update(tasks[key], completed=rows)

        return await migrate(source, target, org, watch)


def _told(moved: Moved) -> object:
    return {
        "organization": moved.organization,
        "position": moved.head.position,
        "epoch": moved.head.epoch,
        "rows": {section.value: count for section, count in moved.rows.items()},
    }


def _say_left(left: Sequence[OrganizationId], *, json: bool) -> None:
    if json:
        say_json(left)
    else:
        click.echo(f"Open again: {', '.join(left) or 'nothing was sealed'}.")
