"""Where collections stand that another process fills."""

from __future__ import annotations

import asyncio
import logging
from typing import NamedTuple

from mnemos_graph.errors import MnemosError
from mnemos_graph.memory.indexing.filling import leads_on
from mnemos_graph.model import Access, OrganizationId, Position
from mnemos_graph.store import GraphStore
from mnemos_graph.vectors import VectorStore

KNOWN_SECONDS = 1.0
"""How long an answer is good; the collection can only have come further meanwhile."""

log = logging.getLogger(__name__)


class _Known(NamedTuple):
    position: asyncio.Task[Position | None]
    until: float


class Standing:
    """Asks the vector store, once a second and organization at most, however many want to know."""

    def __init__(self, store: GraphStore, vectors: VectorStore, generation: str) -> None:
        self._store = store
        self._vectors = vectors
        self._generation = generation
        self._known: dict[OrganizationId, _Known] = {}

    async def position(self, access: Access) -> Position | None:
        """Return where the organization's full collection stands; None: none answers now."""
        now = asyncio.get_running_loop().time()
        known = self._known.get(access.organization)
        if known is None or known.until < now:
            reading = asyncio.create_task(self._read(access), name="where a collection stands")
            known = _Known(reading, now + KNOWN_SECONDS)
            self._known[access.organization] = known
        return await asyncio.shield(known.position)

    def forget(self, organization: OrganizationId) -> None:
        """Ask anew the next time: something has happened to the collection."""
        self._known.pop(organization, None)

    async def _read(self, access: Access) -> Position | None:
        try:
            stand = await self._vectors.stand(access, self._generation)
            (head,) = await self._store.heads([access])
        except MnemosError as error:
            log.warning("it is not known where the vectors of an organization stand: %s", error)
            return None
        stands = stand is not None and stand.filled and leads_on(stand, head)
        return stand.position if stand is not None and stands else None
