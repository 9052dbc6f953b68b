"""Work that one process of many should do at a time.

A lease is an economy and no lock: a holder that is held up may go on for a moment beside the next
one, so what is done under a lease must do no harm when it is done twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Lease:
    """A name that this process holds."""

    lost: asyncio.Event = field(default_factory=asyncio.Event)
    """Set as soon as the name may be somebody else's: the holder stops then, and asks again."""


class Leases(Protocol):
    def hold(self, name: str) -> AbstractAsyncContextManager[Lease]:
        """Wait until no other process holds ``name``, and hold it until the block is left.

        What gives the leases may be away for as long as it likes: entering waits, leaving does not.
        """
        ...


class LocalLeases:
    """The leases of a program that is one process: each name is its own at once."""

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncGenerator[Lease, None]:
        yield Lease()
