"""Ending tasks that talk to Redis."""

from __future__ import annotations

import asyncio
from typing import Any

_AGAIN_SECONDS = 0.1


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they are done, whatever they raise.

    Once is not enough: ``asyncio.wait_for``, with which redis-py sends, swallows a cancellation that
    comes as it finishes, before Python 3.12.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
