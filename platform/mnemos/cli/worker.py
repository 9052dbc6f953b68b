"""`mnemos worker`."""

from __future__ import annotations

from typing import Any

import click

from mnemos.job_worker import run
from mnemos.settings import Settings


@click.command("worker")
@click.option(
    "--at-once",
    "jobs_at_once",
    type=click.IntRange(1),
    help="Jobs that are worked on at the same time (MNEMOS_JOBS_AT_ONCE).",
)
def command(**given: Any) -> None:
    """Work jobs off until interrupted, beside servers on the same store and bus."""
    settings = Settings.load({name: value for name, value in given.items() if value is not None})
    run(settings, click.echo)
