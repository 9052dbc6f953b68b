"""What the index reads from the store: memories page by page, and their vectors."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from mnemos_graph.index.partition import Vectors
from mnemos_graph.model import Access, Memory, OrganizationId, Partition, Position, RecordId
from mnemos_graph.store import (
    DerivedRef,
    Equal,
    Filter,
    Find,
    GraphStore,
    Mark,
    VersionRef,
)

PAGE = 500


@dataclass(frozen=True, slots=True)
class Generation:
    """Which embedder's vectors are searched, and how long they are."""

    name: str
    dimensions: int


NO_GENERATION = Generation("none", 1)
"""Where there is no embedder: nothing has a vector of it."""


def whole(organization: OrganizationId) -> Access:
    """Return the access of the index itself: an index serves everybody who may read its partition."""
    return Access(organization, "system")


def of_partition(partition: Partition) -> Filter:
    return (Equal("user_id", partition or None),)


async def pages(
    store: GraphStore, access: Access, where: Filter, known_at: Position | None = None
) -> AsyncGenerator[Sequence[Memory], None]:
    """Yield every memory that fulfils ``where``, oldest id first."""
    after: Mark | None = None
    more = True
    while more:
        question = Find(Memory, where, first=PAGE, after=after, known_at=known_at)
        (page,) = await store.find(access, [question])
        if page.records:
            yield page.records
            last = page.records[-1].id
            after = Mark(last, last)
        more = page.has_more


async def vectors(
    store: GraphStore, access: Access, generation: Generation, refs: Collection[VersionRef]
) -> dict[VersionRef, Vectors]:
    """Return the vectors that are kept, a row for each window of the text."""
    if not refs or generation == NO_GENERATION:
        return {}
    asked = [DerivedRef(ref.id, ref.version, generation.name) for ref in refs]
    kept = await store.derived(access, asked)
    found: dict[VersionRef, Vectors] = {}
    for ref, data in kept.items():
        flat = np.frombuffer(data, np.float16)
        if len(flat) and len(flat) % generation.dimensions == 0:
            rows = flat.reshape(-1, generation.dimensions).astype(np.float32)
            found[VersionRef(RecordId(ref.id), ref.version)] = rows
    return found
