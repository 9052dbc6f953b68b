"""The program as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path


class Process:
    """`mnemos serve` over one data folder, on a free port."""

    def __init__(self, running: asyncio.subprocess.Process, address: str) -> None:
        self._running = running
        self.address = address
        self.pid = running.pid

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit status; an ended process keeps its own."""
        if self._running.returncode is None:
            self._running.send_signal(how)
        return await self._running.wait()


@asynccontextmanager
async def mnemos_serve(
    folder: Path, settings: Mapping[str, str] | None = None
) -> AsyncGenerator[Process, None]:
    """Serve over a folder, with further ``settings`` by the names of the environment."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mnemos", "serve", "--port", "0"),
        env=os.environ | {"MNEMOS_DATA": str(folder)} | dict(settings or {}),
        stdout=asyncio.subprocess.PIPE,
    )
    assert running.stdout is not None
    try:
        said = (await running.stdout.readline()).decode()
        assert "http://" in said, said
        process = Process(running, said.split("http://")[1].split("/")[0])
        yield process
        await process.end()
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
