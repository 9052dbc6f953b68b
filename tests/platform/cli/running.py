"""Commands as a person runs them: a process of their own."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path


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
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mnemos", *args),
        env=os.environ | {"MNEMOS_DATA": str(folder)} | environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await running.communicate(given.encode())
    assert running.returncode is not None
    return Ran(running.returncode, said.decode(), complained.decode())
