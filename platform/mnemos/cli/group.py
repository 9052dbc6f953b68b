"""The outermost command: loads the subcommand that was asked for, and says what went wrong.

What is refused ends with status 1, what may succeed later with 75; either is said in one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

import click

from mnemos import __version__
from mnemos.folder import FolderHeld
from mnemos.settings import SettingsError
from mnemos_graph.errors import MnemosError

TRY_LATER = 75
"""The exit status EX_TEMPFAIL of sysexits.h."""


class NotNow(click.ClickException):
    exit_code = TRY_LATER


class Commands(click.Group):
    """Subcommands by name, each in the module of that name.

    Only the one that runs is imported, so asking a server that runs is quick.
    """

    def __init__(self, name: str, *, help: str, commands: Mapping[str, str]) -> None:
        super().__init__(name, help=help)
        self._helps = commands
        click.version_option(__version__, package_name="mnemos")(self)

    def commands_told(self) -> list[str]:
        """Return the names of all subcommands, loading none of them."""
        return list(self._helps)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return self.commands_told()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._helps:
            return None
        module = import_module(f"mnemos.cli.{_MODULES.get(cmd_name, cmd_name)}")
        return cast("click.Command", module.command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._helps.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (MnemosError, SettingsError, FolderHeld) as refused:
            later = isinstance(refused, MnemosError) and refused.retryable
            failure = NotNow if later else click.ClickException
            raise failure(" ".join(str(refused).split())) from refused


_MODULES = {"import": "import_", "schema": "schema_"}
