"""`mnemos recall`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

import click

from mnemos.cli.options import Instant, as_json, scoped
from mnemos.cli.output import say_json
from mnemos.cli.reach import asking
from mnemos.client import MemoryFilter
from mnemos.client.inputs import MemoryType, Strategy
from mnemos.client.results import RecallHit

TYPES = click.Choice(get_args(MemoryType), case_sensitive=False)
STRATEGIES = click.Choice(get_args(Strategy), case_sensitive=False)


@click.command("recall")
@click.argument("query")
@scoped
@click.option("--limit", type=int, default=10, show_default=True, help="How many, 1 to 100.")
@click.option("--type", "types", multiple=True, type=TYPES, help="Only of this type.")
@click.option("--tag", "tags", multiple=True, help="Only with this tag.")
@click.option("--as-of", type=Instant(), help="What held then; default: what holds now.")
@click.option("--known-at", type=Instant(), help="What was known then; default: now.")
@click.option("--strategy", type=STRATEGIES, help="How to search.")
@click.option("--explain", is_flag=True, help="Say why each answer came up.")
@as_json
def command(
    *,
    query: str,
    limit: int,
    types: tuple[MemoryType, ...],
    tags: tuple[str, ...],
    as_of: datetime | None,
    known_at: datetime | None,
    strategy: Strategy | None,
    explain: bool,
    json: bool,
    **where: Any,
) -> None:
    """Say what is known about QUERY, best first."""
    like = MemoryFilter(types=types, tags=tags, as_of=as_of, known_at=known_at)
    result = asking(
        lambda client: client.recall(query, filter=like, limit=limit, strategy=strategy, **where)
    )
    if json:
        say_json(result)
        return
    for hit in result.hits:
        _say(hit, explain=explain)
    if not result.hits:
        click.echo("Nothing is known about that.", err=True)
    if result.degraded:
        click.echo(f"Without {', '.join(result.degraded)}, which is away.", err=True)


def _say(hit: RecallHit, *, explain: bool) -> None:
    memory = hit.memory
    since = f"[{memory.valid_from:%Y-%m-%d}] " if memory.valid_from else ""
    click.echo(f"{hit.score:.2f}  {since}{memory.text}")
    if explain:
        parts = ", ".join(f"{part.signal} {part.score:+.2f}" for part in hit.explanation)
        click.echo(f"      {parts}")
