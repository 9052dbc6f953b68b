"""`mnemos doctor`."""

from __future__ import annotations

import click
import msgspec

from mnemos.cli.options import as_json
from mnemos.cli.output import say_json
from mnemos.diagnosis import Finding, State, examine
from mnemos.settings import Settings, SettingsError

_MARKS = {State.WELL: "ok   ", State.ODD: "note ", State.BAD: "WRONG"}


@click.command("doctor")
@as_json
def command(*, json: bool) -> None:
    """Look at the data folder, the server, the model and the machine; status 1: something is wrong."""
    try:
        settings = Settings.load({})
    except SettingsError as wrong:
        findings = [Finding(what="settings", state=State.BAD, told=str(wrong))]
    else:
        findings = list(examine(settings))
    if json:
        say_json(msgspec.to_builtins(findings))
    else:
        for each in findings:
            click.echo(f"{_MARKS[each.state]}  {each.what}: {each.told}")
    if any(each.state is State.BAD for each in findings):
        raise SystemExit(1)
