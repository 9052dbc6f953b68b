"""What an indexer has to make, and in which organizations."""

from __future__ import annotations

from typing import Protocol

from mnemos_graph.memory.indexing.succession import Made
from mnemos_graph.model import Access, OrganizationId


class Charge(Protocol):
    """Says what an indexer has to make in an organization."""

    async def settle(self, access: Access) -> None:
        """Decide what becomes of the generations, if that has not been done since the start.

        Raises:
            MnemosError: it cannot be decided now.
        """
        ...

    async def wants(self, organization: OrganizationId, made: Made) -> bool:
        """Return whether new memories are given what ``made`` names."""
        ...

    async def builds(self, organization: OrganizationId, made: Made) -> bool:
        """Return whether a job gives it to the memories that were there before."""
        ...


class Everything:
    """The charge of an indexer that nobody tells otherwise."""

    async def settle(self, access: Access) -> None:
        pass

    async def wants(self, organization: OrganizationId, made: Made) -> bool:
        return True

    async def builds(self, organization: OrganizationId, made: Made) -> bool:
        return False
