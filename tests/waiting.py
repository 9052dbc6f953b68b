"""Waiting for what comes in its own time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

GIVES_UP_SECONDS = 15


async def until(holds: Callable[[], bool], within: float = GIVES_UP_SECONDS) -> None:
    """Return as soon as it holds.

    Raises:
        TimeoutError: it did not ``within`` so many seconds.
    """
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.005)
