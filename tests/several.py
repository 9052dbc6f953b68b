"""Two workers as processes, over one file that they share: to see how they start and end.

Whoever sets this would be refused. What is asked here is about processes, not about what they keep.
Run it as `python -m tests.several FOLDER HOST`, with BREAK=raise or BREAK=kill to break each start.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import click
import psutil

from mnemos import logs, workers
from mnemos.cli.group import Commands
from mnemos.part_url import PartUrl
from mnemos.run import _listening
from mnemos.settings import LogFormat, LogLevel, Settings
from mnemos_graph.sqlite import open_sqlite

NONE = PartUrl("none:")


class Broken(workers.Serving):
    def load(self) -> None:
        if os.environ["BREAK"] == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise RuntimeError("words that nobody should read")


class Several:
    """The master of two workers, and what it says."""

    def __init__(self, process: asyncio.subprocess.Process, said: str) -> None:
        self._process = process
        self.address = said.partition("http://")[2].strip()

    @property
    def workers(self) -> set[int]:
        return {each.pid for each in psutil.Process(self._process.pid).children()}

    def signal(self, how: signal.Signals) -> None:
        self._process.send_signal(how)

    async def ended(self) -> int:
        return await self._process.wait()


async def started(
    folder: Path, host: str = "127.0.0.1", **environ: str
) -> asyncio.subprocess.Process:
    async with open_sqlite(folder):
        """Make the tables: two that begin at once would be in each other's way."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.several", str(folder), host),
        env=os.environ | environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def two_workers(folder: Path) -> AsyncGenerator[Several, None]:
    process = await started(folder)
    assert process.stdout is not None
    try:
        yield Several(process, (await process.stdout.readline()).decode())
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


class Run(Commands):
    """Tells errors as `mnemos` does."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        return _serve


@click.command
@click.argument("folder")
@click.argument("host")
def _serve(folder: str, host: str) -> None:
    logs.set_up(LogLevel.ERROR, LogFormat.TEXT)
    if "BREAK" in os.environ:
        workers.Serving = Broken  # type: ignore[misc]
    settings = Settings(
        data=Path(folder), host=host, port=0, workers=2, vectors=NONE, embedder=NONE
    )
    workers.keep(settings, _listening(settings), lambda address, _: click.echo(address))


if __name__ == "__main__":
    Run("several", help="", commands={"serve": ""}).main(["serve", *sys.argv[1:]])
