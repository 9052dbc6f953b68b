"""Waiting for what comes in its own time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

GIVES_UP_SECONDS = 15


async def until(holds: Callable[[], bool]) -> None:
    """Return as soon as it holds.

    Raises:
        TimeoutError: it never did.
    """
    async with asyncio.timeout(GIVES_UP_SECONDS):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.005)
