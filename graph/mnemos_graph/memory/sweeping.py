"""What nobody can ask for any more is erased, one organization after the other."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection

from mnemos_graph.errors import MnemosError
from mnemos_graph.model import Access, OrganizationId

EVERY = 24 * 3600.0
"""Seconds."""

Sweep = Callable[[Access], Awaitable[int]]
"""Erases what is stale of one organization, and returns how much."""

log = logging.getLogger(__name__)


class Sweeping:
    """Receipts of idempotency keys that are stale, inputs that no job will come to, and the like."""

    def __init__(
        self,
        organizations: Callable[[], Awaitable[Collection[OrganizationId]]],
        *sweeps: Sweep,
    ) -> None:
        self._organizations = organizations
        self._sweeps = sweeps

    async def sweep(self) -> int:
        """Sweep every organization that there is now; return how many records were erased.

        One that cannot be swept now is swept the next time; the others do not wait for it.
        """
        swept = 0
        for organization in await self._organizations():
            for sweep in self._sweeps:
                try:
                    swept += await sweep(Access(organization, "system"))
                except MnemosError as error:
                    log.warning("%s is swept later: %s", organization, error.code)
        return swept
