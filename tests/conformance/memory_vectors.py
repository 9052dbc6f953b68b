"""The reference: a vector store that compares with everything, exactly."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.errors import Unavailable
from mnemos_graph.model import Access, OrganizationId
from mnemos_graph.store import VersionRef
from mnemos_graph.vectors import Near, Point, Stand


@dataclass
class Kept:
    stand: Stand
    points: dict[VersionRef, NDArray[np.float32]] = field(default_factory=dict)


class MemoryVectors:
    """A ``VectorStore`` that forgets with its process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[OrganizationId, str], Kept] = {}

    async def stand(self, access: Access, generation: str) -> Stand | None:
        kept = self._found(access, generation)
        return kept.stand if kept else None

    async def begin(self, access: Access, generation: str, stand: Stand) -> None:
        self._kept[access.organization, generation] = Kept(stand)

    async def put(self, access: Access, generation: str, points: Sequence[Point]) -> None:
        kept = self._needed(access, generation)
        for point in points:
            kept.points.setdefault(point.ref, point.rows)

    async def remove(self, access: Access, generation: str, refs: Collection[VersionRef]) -> None:
        kept = self._found(access, generation)
        for ref in refs:
            if kept:
                kept.points.pop(ref, None)

    async def move(self, access: Access, generation: str, stand: Stand) -> None:
        self._needed(access, generation).stand = stand

    async def nearest(
        self, access: Access, generation: str, vector: NDArray[np.float32], first: int
    ) -> Sequence[Near]:
        kept = self._found(access, generation)
        points = kept.points if kept else {}
        near = [Near(ref, float((rows @ vector).max())) for ref, rows in points.items()]
        return sorted(near, key=lambda each: -each.cosine)[:first]

    async def drop(self, access: Access, *, keep: Collection[str] = ()) -> None:
        for organization, generation in list(self._kept):
            if organization == access.organization and generation not in keep:
                del self._kept[organization, generation]

    def _found(self, access: Access, generation: str) -> Kept | None:
        return self._kept.get((access.organization, generation))

    def _needed(self, access: Access, generation: str) -> Kept:
        kept = self._found(access, generation)
        if kept is None:
            raise Unavailable("This organization's vectors are not collected. Run a reindex.")
        return kept
