"""Cancellation that redis-py cannot swallow.

It sends with ``asyncio.wait_for``, which before Python 3.12 swallows a cancellation that comes as
it finishes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


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
