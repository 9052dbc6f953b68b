"""Ending tasks that talk to Redis.

Once is not enough: ``asyncio.wait_for``, with which redis-py sends, swallows a cancellation that
comes as it finishes, before Python 3.12.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")

_AGAIN_SECONDS = 0.1


async def unless_cancelled(call: Awaitable[T]) -> T:
    """Return what redis-py answers.

    Raises:
        CancelledError: the task was cancelled meanwhile, also where redis-py swallowed that.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    try:
        return await call
    finally:
        if task and task.cancelling() > before:
            raise asyncio.CancelledError


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they are done, whatever they raise and swallow."""
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
