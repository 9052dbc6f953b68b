"""What a vector store promises.

It holds a collection for each generation of an organization's vectors, so that vectors of different
models or lengths never meet: what belongs to another organization or generation is as if it did not
exist. A point is one version of one record; it never changes, and it holds no text. Nothing in it is the truth: whoever asks looks each
answer up in the graph store, under the access of the question, and takes out what is not current.

A collection stands at a position of its organization's log, which it keeps with its own data. It
moves after what it then stands for was put, so that a process that dies between the two does the
same again, which changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.model import Access, Position, RecordId
from mnemos_graph.store import VersionRef


class Point(NamedTuple):
    """One version of one record."""

    ref: VersionRef
    rows: NDArray[np.float32]
    """(windows, dimensions): rows of unit length, at least one."""


class Near(NamedTuple):
    ref: VersionRef
    cosine: float
    """Of its closest window."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a collection follows its organization's log."""

    epoch: int
    position: Position
    filled: bool = False
    """Whether what was there at ``position`` is in; until then it is being filled, by record id."""
    through: RecordId | None = None
    """While it is being filled: every record up to this one is in."""


class VectorStore(Protocol):
    async def stand(self, access: Access, generation: str) -> Stand | None:
        """Return how far the organization's collection follows; None: it has none of these."""
        ...

    async def begin(self, access: Access, generation: str, stand: Stand) -> None:
        """Make an empty collection, in place of any that the organization has of this generation."""
        ...

    async def put(self, access: Access, generation: str, points: Sequence[Point]) -> None:
        """Add points durably. One that is there already stays as it is.

        Raises:
            Unavailable: there is no such collection, or it cannot be written now.
        """
        ...

    async def remove(self, access: Access, generation: str, refs: Collection[VersionRef]) -> None:
        """Take points out; what is not there is passed over.

        Raises:
            Unavailable: it cannot be written now.
        """
        ...

    async def move(self, access: Access, generation: str, stand: Stand) -> None:
        """Note durably how far the collection follows.

        Raises:
            Unavailable: there is no such collection, or it cannot be written now.
        """
        ...

    async def nearest(
        self, access: Access, generation: str, vector: NDArray[np.float32], first: int
    ) -> Sequence[Near]:
        """Return up to ``first`` points, the nearest first; none where there is no collection.

        A backend may search approximately: it may miss a few of the nearest, and adds none that
        are not there.

        Raises:
            Unavailable: it cannot be read now.
        """
        ...

    async def drop(self, access: Access, *, keep: Collection[str] = ()) -> None:
        """Delete what the organization has here, of every generation but those to ``keep``."""
        ...


OpenVectors: TypeAlias = Callable[[], AbstractAsyncContextManager[VectorStore]]
"""Opens a vector store when the first organization needs one."""
