"""Commands as a person runs them, in this process: what they load is loaded once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from mnemos.cli import main


@dataclass(frozen=True, slots=True)
class Ran:
    status: int
    said: str
    complained: str

    @property
    def complaint(self) -> str:
        """The one line in which it says what is wrong."""
        assert self.complained.count("\n") == 1, self.complained
        return self.complained.strip()


async def mnemos(folder: Path, *args: str, given: str = "", **environment: str) -> Ran:
    """Run `mnemos` with ``args`` over a data folder."""
    env = {"MNEMOS_DATA": str(folder), **environment}
    result = await asyncio.to_thread(CliRunner().invoke, main, args, input=given, env=env)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)
