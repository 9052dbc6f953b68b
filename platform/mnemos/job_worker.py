"""`mnemos worker`, from its settings to its end: a process that works jobs off and serves nobody."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from uvicorn.loops.auto import auto_loop_factory

from mnemos import __version__, logs
from mnemos.heap import give_large_blocks_back
from mnemos.schemes import check, chosen, named
from mnemos.settings import Settings, SettingsError
from mnemos.wiring import Opened, open_parts
from mnemos_graph.errors import MnemosError
from mnemos_graph.memory.jobs.runner import Runner
from mnemos_graph.memory.services import open_services

DRAINS_SECONDS = 6.0
"""How long jobs may go on for once the worker is told to stop, before they are put back."""
ENDS_SECONDS = 9.5
"""By then it has ended, whatever does not answer: what it had in hand is found by others."""
BETWEEN_LINES = 60.0
"""Seconds between two lines in the log that say how it is."""
ALIVE = "worker.alive"
"""A file in the data folder, touched while the worker goes on, for whoever watches from outside."""
BETWEEN_BEATS = 5.0
_PATIENCE = 2.0

log = logging.getLogger(__name__)


def run(settings: Settings, say: Callable[[str], None]) -> None:
    """Work jobs off until interrupted; ``say`` tells the person who started it that it does.

    Raises:
        SettingsError: something that was set cannot be used, or is one process's alone.
        MnemosError: a part cannot be opened.
    """
    check(settings)
    check_shared(settings)
    give_large_blocks_back()
    logs.set_up(settings.log_level, settings.log_format)
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_work(settings, say))


def check_shared(settings: Settings) -> None:
    """Complain about parts that other processes cannot share.

    Raises:
        SettingsError: it names the setting.
    """
    for part, instead in (("store", "neo4j://"), ("bus", "redis://")):
        if not chosen(settings, part).remote:
            raise SettingsError(
                f"{named(part)} is {getattr(settings, part)}, which is one process's alone, and "
                f"`mnemos serve` works its jobs off itself. For a worker set it to {instead}…"
            )


async def _work(settings: Settings, say: Callable[[str], None]) -> None:
    beating = asyncio.create_task(_beat(settings.data), name="beat")
    async with open_parts(settings) as opened:
        last = await work_off(opened, say)
    last.cancel()
    beating.cancel()
    log.info("stopped")


async def _beat(folder: Path) -> None:
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    while True:
        await asyncio.to_thread((folder / ALIVE).touch)
        await asyncio.sleep(BETWEEN_BEATS)


async def work_off(opened: Opened, say: Callable[[str], None]) -> asyncio.TimerHandle:
    """Work jobs off until SIGTERM or SIGINT; return what ends the process if it does not itself."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    parts = replace(opened.parts, runs_jobs=True, others=True, jobs_drain=DRAINS_SECONDS)
    async with open_services(parts) as services:
        say(f"Mnemos works jobs off, {parts.jobs_at_once} at once.")
        log.info("working jobs off with version %s", __version__)
        while not stop.is_set():
            log.info("%s", await _told(opened, services.runner))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), BETWEEN_LINES)
        log.info("stopping")
        return loop.call_later(ENDS_SECONDS, _end)


def _end() -> None:
    log.warning("something does not end; what was in hand is found by other workers")
    logging.shutdown()
    os._exit(0)


async def _told(opened: Opened, runner: Runner | None) -> str:
    """Return how the worker and the servers that it stands on are, in one line."""
    away = [told for each in opened.pings for told in [await _away(opened, each)] if told]
    state = f"away: {'; '.join(away)}" if away else "healthy"
    under_way, written = (runner.under_way, runner.written) if runner else (0, 0)
    return f"{state}; {under_way} jobs under way, {written} worked on"


async def _away(opened: Opened, part: str) -> str:
    try:
        async with asyncio.timeout(_PATIENCE):
            await opened.pings[part]()
    except (MnemosError, TimeoutError) as error:
        return f"{part} ({str(error) or 'no answer'})"
    return ""
