"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Instant(click.ParamType[datetime]):
    """A date or an instant. Without an offset it is UTC."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date. Write 2026-01-31 or 2026-01-31T12:00:00Z.")
        return found if found.tzinfo else found.replace(tzinfo=UTC)


def scoped(command: F) -> F:
    """Give a command the options --user, --agent and --session, as ``where`` takes them."""
    for name, meaning in (
        ("session", "One conversation."),
        ("agent", "One agent."),
        ("user", "Whose memory; without it, the shared one."),
    ):
        command = click.option(f"--{name}", f"{name}_id", metavar="ID", help=meaning)(command)
    return command


def as_json(command: F) -> F:
    """Give a command the option --json."""
    return click.option("--json", "json", is_flag=True, help="Print JSON for a script.")(command)
