"""Ending tasks for good."""

from __future__ import annotations

import asyncio
from typing import Any

_AGAIN_SECONDS = 0.1


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they are done, whatever they raise.

    Once is not enough: what they call may swallow a cancellation, as ``asyncio.wait_for`` does
    before Python 3.12 where it comes as the call finishes.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
