"""Once a day, what nobody can ask for any more is erased, one organization after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from types import TracebackType
from typing import Self

from mnemos_graph.errors import MnemosError
from mnemos_graph.memory.receipts import Receipts
from mnemos_graph.model import Access, OrganizationId

EVERY = 24 * 3600.0
"""Seconds."""

_logger = logging.getLogger(__name__)


class Sweeping:
    """An async context: within it, receipts of idempotency keys that are stale are erased."""

    def __init__(
        self,
        receipts: Receipts,
        organizations: Callable[[], Awaitable[Collection[OrganizationId]]],
        *,
        every: float = EVERY,
    ) -> None:
        self._receipts = receipts
        self._organizations = organizations
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def sweep(self) -> int:
        """Sweep every organization that there is now; return how many receipts were erased.

        One that cannot be swept now is swept the next time; the others do not wait for it.
        """
        swept = 0
        for organization in await self._organizations():
            try:
                swept += await self._receipts.sweep(Access(organization, "system"))
            except MnemosError as error:
                _logger.warning("receipts of %s are swept later: %s", organization, error.code)
        return swept

    async def _work(self) -> None:
        while True:
            try:
                await self.sweep()
            except Exception:
                _logger.exception("receipts are swept later")
            await asyncio.sleep(self._every)
