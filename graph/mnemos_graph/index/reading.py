"""What the index reads from the store: memories page by page, and what is derived from them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mnemos_graph.index.rows import Rows, rows_of
from mnemos_graph.model import Access, Memory, OrganizationId, Partition, Position
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


@dataclass(frozen=True, slots=True)
class Generations:
    """Which vectors of memories are searched, and which of their tokens."""

    vectors: Generation
    tokens: Generation = NO_GENERATION


class Derived(NamedTuple):
    """What is kept of several versions."""

    vectors: Rows[np.float32]
    """A row for each window of the text."""
    tokens: Rows[np.int8]

    def __bool__(self) -> bool:
        return bool(self.vectors.refs or self.tokens.refs)


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


async def derived(
    store: GraphStore, access: Access, generations: Generations, refs: Collection[VersionRef]
) -> Derived:
    """Return what is kept of these versions; nothing of those that have nothing yet."""
    both = generations.vectors, generations.tokens
    asked = [
        DerivedRef(ref.id, ref.version, each.name)
        for each in both
        if each != NO_GENERATION
        for ref in refs
    ]
    kept = await store.derived(access, asked) if asked else {}
    apart = [
        {
            VersionRef(ref.id, ref.version): data
            for ref, data in kept.items()
            if ref.generation == each.name
        }
        for each in both
    ]
    halves = rows_of(apart[0], np.float16, generations.vectors.dimensions)
    return Derived(
        Rows(halves.refs, halves.counts, halves.rows.astype(np.float32)),
        rows_of(apart[1], np.int8, generations.tokens.dimensions),
    )
