"""Work that is done once for all who ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

from mnemos_graph.ending import end

T = TypeVar("T")


class Tasks:
    """Whoever asks for what is under way joins it; nobody who goes away ends it for the others."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    def __len__(self) -> int:
        return len(self._running)

    def start(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        """Return the task that does the work of this name, begun now unless it is under way."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(work(), name=f"cache: {key}")
            self._running[key] = task
            task.add_done_callback(lambda done: self._end(key, done))
        return task

    async def join(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what the work of this name returns, or raise what it raises."""
        return await asyncio.shield(self.start(key, work))

    async def wait(self) -> None:
        """Wait for all that is under way now."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def close(self) -> None:
        await end(*self._running.values())

    def _end(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        del self._running[key]
        if not task.cancelled():
            task.exception()  # it was raised to whoever waited, or matters to nobody
