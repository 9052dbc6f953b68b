"""`mnemos remember`."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import click

from mnemos.cli.options import Instant, as_json, scoped
from mnemos.cli.output import say_json
from mnemos.cli.reach import asking
from mnemos.client.results import Remembered


@click.command("remember")
@click.argument("text")
@scoped
@click.option("--tag", "tags", multiple=True, help="A tag for it; may be given several times.")
@click.option("--at", "occurred_at", type=Instant(), help="When it was said; default: now.")
@click.option("--source", help="Where it comes from.")
@click.option("--verbatim", is_flag=True, help="Keep the text as it is, as one memory.")
@click.option("--dry-run", is_flag=True, help="Show what would be decided and write nothing.")
@click.option("--key", "idempotency_key", help="The same key again changes nothing.")
@as_json
def command(
    *,
    text: str,
    tags: tuple[str, ...],
    occurred_at: datetime | None,
    source: str | None,
    verbatim: bool,
    dry_run: bool,
    idempotency_key: str | None,
    json: bool,
    **where: Any,
) -> None:
    """Take TEXT in; `-` reads it from standard input."""
    told = sys.stdin.read() if text == "-" else text
    remembered = asking(
        lambda client: client.remember(
            told,
            tags=tags or None,
            occurred_at=occurred_at,
            source=source,
            infer=not verbatim,
            dry_run=dry_run,
            idempotency_key=idempotency_key,
            **where,
        )
    )
    if json:
        say_json(remembered)
    else:
        _say(remembered, dry_run=dry_run)


def _say(remembered: Remembered, *, dry_run: bool) -> None:
    for decision in remembered.decisions:
        text = decision.memory.text if decision.memory else ""
        click.echo(f"{decision.action:<6} {text}  ({decision.reason})")
    if remembered.pending:
        click.echo(f"What follows from it is decided by job {remembered.pending.id}.")
    elif not remembered.decisions:
        kept = "" if dry_run else "Kept; "
        click.echo(f"{kept}nothing new follows from it.".capitalize())
