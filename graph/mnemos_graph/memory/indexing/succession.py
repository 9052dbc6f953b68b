"""Which generation of vectors an organization's memories have, and which one is to follow it.

A generation serves when every memory has its vectors: questions are asked in it. Another embedder
makes another generation; while that one is being made both have their bytes, and it serves as soon
as it is whole. What served before is retired: its bytes go. All of this is a mark in the store, so
that every process, and the next one to start, knows of it.
"""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

import msgspec

from mnemos_graph.leases import Leases, LocalLeases
from mnemos_graph.memory.indexing.embedding import whole
from mnemos_graph.model import Access, OrganizationId, RecordId
from mnemos_graph.store import DerivedRef, GraphStore

KNOWN_SECONDS = 1.0
"""How long what was read is believed, where other processes may change it."""

_MARK = DerivedRef(RecordId("mark:generation"), 0, "")


class Made(msgspec.Struct, frozen=True):
    """What one embedder makes of memories."""

    vectors: str
    """The generation of the directions of whole texts."""
    tokens: str | None = None
    """The generation of the directions of tokens; None: none are kept."""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.vectors,) if self.tokens is None else (self.vectors, self.tokens)


class Succession(msgspec.Struct, frozen=True):
    serving: Made | None
    """Every memory has vectors of it. None: of none that is known by name."""
    building: Made | None = None
    """New memories have vectors of it, and the others are given some."""
    retired: tuple[Made, ...] = ()
    """What was left, whose bytes are still to go."""
    job: str | None = None
    """The id of the one that builds, and then takes away what is retired."""

    @property
    def kept(self) -> frozenset[str]:
        """The generations of which new memories have bytes."""
        return frozenset(
            name for made in (self.serving, self.building) if made for name in made.names
        )

    @property
    def gone(self) -> frozenset[str]:
        """The generations whose bytes are to go."""
        return frozenset(name for made in self.retired for name in made.names) - self.kept


class _Known(NamedTuple):
    succession: Succession | None
    until: float


class Successions:
    """Those of all organizations.

    Args:
        others: there are other processes on the same store.
    """

    def __init__(
        self, store: GraphStore, leases: Leases | None = None, *, others: bool = False
    ) -> None:
        self._store = store
        self._leases = leases or LocalLeases()
        self._turns: defaultdict[OrganizationId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._good = KNOWN_SECONDS if others else math.inf
        self._known: dict[OrganizationId, _Known] = {}

    async def lately(self, organization: OrganizationId) -> Succession | None:
        """Return an organization's, as it was not long ago; None: it has none yet."""
        known = self._known.get(organization)
        if known is None or known.until < asyncio.get_running_loop().time():
            return await self.now(whole(organization))
        return known.succession

    async def now(self, access: Access) -> Succession | None:
        """Return an organization's as it is; None: it has none yet."""
        kept = (await self._store.derived(access, [_MARK])).get(_MARK)
        succession = None if kept is None else msgspec.json.decode(kept, type=Succession)
        self._note(access, succession)
        return succession

    @asynccontextmanager
    async def deciding(self, access: Access) -> AsyncGenerator[Succession | None, None]:
        """Give an organization's, and let nobody else decide about it until the block is left."""
        organization = access.organization
        async with self._turns[organization], self._leases.hold(f"generation:{organization}"):
            yield await self.now(access)

    async def keep(self, access: Access, succession: Succession) -> None:
        """Keep it in place of the one before; within ``deciding``."""
        await self._store.derive(access, {_MARK: msgspec.json.encode(succession)})
        self._note(access, succession)

    def changing(self) -> list[OrganizationId]:
        """Return those where a generation was being made when they were looked at last."""
        return [
            organization
            for organization, known in self._known.items()
            if known.succession is not None and known.succession.building is not None
        ]

    def _note(self, access: Access, succession: Succession | None) -> None:
        until = asyncio.get_running_loop().time() + self._good
        self._known[access.organization] = _Known(succession, until)
