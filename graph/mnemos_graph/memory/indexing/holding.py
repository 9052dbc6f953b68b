"""Work that goes on until something ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from mnemos_graph.ending import end


async def until_one_ends(*works: Coroutine[Any, Any, object]) -> None:
    """Do all of them side by side until one ends, and cancel the others.

    Raises:
        Exception: what ended the one that ended.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(*tasks)
    for task in ended:
        task.result()
