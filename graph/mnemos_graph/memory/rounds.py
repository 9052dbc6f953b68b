"""What one of all processes does again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self

from mnemos_graph.ending import end
from mnemos_graph.errors import MnemosError
from mnemos_graph.leases import Lease, Leases

_BEFORE_ASKING_AGAIN = 1.0
"""Seconds, where the leases themselves fail."""

log = logging.getLogger(__name__)


class Rounds:
    """An async context: within it, ``go`` is called every so often while this process has the lease.

    What is done must do no harm when two do it. A round that fails is made again at its time.
    """

    def __init__(
        self, name: str, leases: Leases, go: Callable[[], Awaitable[object]], *, every: float
    ) -> None:
        """``every``: seconds from the end of one round to the beginning of the next."""
        self._name = name
        self._leases = leases
        self._go = go
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work(), name=f"rounds of {self._name}")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            await end(self._task)

    async def _work(self) -> None:
        while True:
            try:
                async with self._leases.hold(self._name) as lease:
                    await self._while_held(lease)
            except Exception:
                log.exception("the lease of %s could not be had", self._name)
            await asyncio.sleep(_BEFORE_ASKING_AGAIN)

    async def _while_held(self, lease: Lease) -> None:
        while not lease.lost.is_set():
            try:
                await self._go()
            except MnemosError as error:
                log.warning("%s: done later: %s", self._name, error.code)
            except Exception:
                log.exception("%s: done later", self._name)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await lease.lost.wait()
