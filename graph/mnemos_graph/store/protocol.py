"""What a graph store promises.

A write and the log entries that announce it are committed together or not at all, and numbered
1, 2, 3 … without holes within their organization; so whoever reads the log in order ends up with
the same records. Every call is bound to an ``Access``: what lies in another organization, or in a
partition that the access may not read, is as if it did not exist. A backend is done when it passes
the suite in ``tests/conformance``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from mnemos_graph.model import (
    START,
    Access,
    Change,
    Entity,
    Fact,
    Head,
    Position,
    Record,
    RecordId,
    Version,
)
from mnemos_graph.store.change_set import ChangeSet, Committed
from mnemos_graph.store.filters import Filter, Find, Page
from mnemos_graph.store.views import View

R = TypeVar("R", bound=Record)

LATEST = 0
"""In place of a version number: the last version there is, also where it is a deletion."""


class VersionRef(NamedTuple):
    """One version of one record."""

    id: RecordId
    version: int


class DerivedRef(NamedTuple):
    """Bytes derived from one version of a record by one generation of a model or program."""

    id: RecordId
    version: int
    generation: str


@dataclass(frozen=True, slots=True)
class Subgraph:
    entities: tuple[Entity, ...]
    """By (hops from the start, id)."""
    facts: tuple[Fact, ...]
    """By (hops from the start, id)."""
    truncated: bool


class GraphStore(Protocol):
    async def commit(self, access: Access, change_set: ChangeSet) -> Committed:
        """Write all of ``change_set`` durably, or nothing; the same commit id again changes nothing.

        Checks, in this order, before anything is numbered: that the access may write every
        partition that is touched; fences; expected versions; that natural keys are free in their
        partition; that every reference that the last version did not have leads to a live record
        (or one of this set) in the same or the shared partition.

        Raises:
            Forbidden: the access may not write such a partition.
            Conflict: a fence, a version or a natural key was lost to somebody else.
            NotFound: a reference, or a record to delete, is not there for this partition.
            Unavailable: the store cannot write now, or did not answer in time. Where it is on the
                other side of a network it may be written: the same commit id again tells.
        """
        ...

    async def get(
        self,
        access: Access,
        kind: type[R],
        ids: Collection[RecordId],
        *,
        known_at: Position | None = None,
    ) -> Mapping[RecordId, R]:
        """Return the live ones of ``ids`` of this kind; ``kind=Record`` finds any kind."""
        ...

    async def find(self, access: Access, questions: Sequence[Find[R]]) -> Sequence[Page[R]]:
        """Answer each question with its page, in the order asked.

        Raises:
            BadInput: a question names what its kind does not declare.
        """
        ...

    async def search(
        self, access: Access, kind: type[R], text: str, *, where: Filter = (), first: int = 100
    ) -> Sequence[tuple[R, float]]:
        """Return up to ``first`` live records that have any word of ``text``, best first.

        The score is the backend's own and at least 0: larger is better, comparable only within
        one answer. Which records match is the same on every backend; how they rank is not.
        """
        ...

    async def neighbours(
        self, access: Access, around: Collection[RecordId], *, view: View, hops: int, limit: int
    ) -> Subgraph:
        """Follow facts that hold, in either direction, up to ``hops`` steps from some entities.

        An entity stands for all those merged into it, and a merged one for what it was merged
        into. At each step the facts are taken by id, then the entities that they lead to by id, up
        to ``limit`` facts and ``limit`` entities in all; every fact has its ends among the
        entities, or is left out. With 0 hops the answer is the entities alone.
        """
        ...

    async def versions(
        self, access: Access, kind: type[R], refs: Collection[VersionRef]
    ) -> Mapping[VersionRef, Version[R]]:
        """Return those versions that are kept, deletions included. ``kind=Record``: of any kind."""
        ...

    async def changes(
        self, access: Access, *, after: Position = START, limit: int = 100
    ) -> Sequence[Change]:
        """Return about ``limit`` of the oldest entries behind ``after``, in order.

        Never half a change set: the last one begun is returned whole, so there can be up to 999
        more. Entries of partitions that the access may not read are left out.
        """
        ...

    async def heads(
        self, accesses: Collection[Access], *, at: datetime | None = None
    ) -> Sequence[Head]:
        """Return where the log of each access' organization ends, or ended at an instant."""
        ...

    async def derive(
        self,
        access: Access,
        derived: Mapping[DerivedRef, bytes],
        *,
        drop: Collection[DerivedRef] = (),
    ) -> None:
        """Keep bytes beside versions of records, without a log entry, and drop others.

        Bytes of a record that is not there are not kept. An id that begins with ``mark:`` belongs
        to no record: it is where a projection keeps its own position.
        """
        ...

    async def derived(
        self, access: Access, refs: Collection[DerivedRef]
    ) -> Mapping[DerivedRef, bytes]:
        """Return those bytes that are kept."""
        ...
