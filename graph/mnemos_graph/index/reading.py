"""What the index reads from the store: memories page by page, and what is derived from them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.index.partition import Vectors
from mnemos_graph.index.tokens import TokenRows
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

S = TypeVar("S", bound=np.generic)

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
    """What is kept of one version."""

    vectors: Vectors | None
    """A row for each window of the text."""
    tokens: TokenRows | None


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
) -> dict[VersionRef, Derived]:
    """Return what is kept of these versions; nothing of those that have nothing yet."""
    asked = [
        DerivedRef(ref.id, ref.version, each.name)
        for each in (generations.vectors, generations.tokens)
        if each != NO_GENERATION
        for ref in refs
    ]
    kept = await store.derived(access, asked) if asked else {}
    found: dict[VersionRef, Derived] = {}
    for ref in refs:
        vectors = kept.get(DerivedRef(ref.id, ref.version, generations.vectors.name))
        tokens = kept.get(DerivedRef(ref.id, ref.version, generations.tokens.name))
        if vectors or tokens:
            found[ref] = Derived(
                _rows(vectors, np.float16, generations.vectors.dimensions, np.float32),
                _rows(tokens, np.int8, generations.tokens.dimensions, np.int8),
            )
    return found


def _rows(
    data: bytes | None, kept_as: type[np.generic], dimensions: int, wanted: type[S]
) -> NDArray[S] | None:
    """Return bytes as rows; None where there are none, or they are not of this length."""
    flat = np.frombuffer(data or b"", kept_as)
    if not len(flat) or len(flat) % dimensions:
        return None
    return flat.reshape(-1, dimensions).astype(wanted)
