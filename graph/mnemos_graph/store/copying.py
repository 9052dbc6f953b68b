"""Moving an organization from one store to another: everything it has, as it is.

Not part of what a ``GraphStore`` promises, and bound to no ``Access``: only who operates Mnemos
moves organizations. What follows from other rows (natural keys, words, references, when a version
was replaced) is no row; a store makes it again when it writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from mnemos_graph.errors import Moved, Unavailable
from mnemos_graph.model import (
    Change,
    ChangeKind,
    CommitId,
    Head,
    OrganizationId,
    Partition,
    Position,
    Record,
)
from mnemos_graph.store.change_set import Committed
from mnemos_graph.store.protocol import DerivedRef


class Seal(StrEnum):
    """Why an organization is not written to."""

    FILLING = "filling"
    """A copy of it is being made here. Nobody may read it."""
    MOVING = "moving"
    """It is being copied from here."""
    MOVED = "moved"
    """It was copied from here and lives on elsewhere. Nobody may read it any more."""

    @classmethod
    def kept(cls, kept: str | None) -> Seal | None:
        """Return the seal that a store keeps as ``kept``; nothing there: it is open."""
        return cls(kept) if kept else None

    @property
    def readable(self) -> bool:
        return self is Seal.MOVING

    def refusal(self) -> Moved:
        """Return what whoever asks for a sealed organization is told."""
        return Moved(_REFUSALS[self])


_REFUSALS = {
    Seal.FILLING: "This organization is being copied into this store. Wait until that is done.",
    Seal.MOVING: "This organization is being moved to another store; it can be read, not written.",
    Seal.MOVED: "This organization was moved to another store. Point MNEMOS_STORE to that one.",
}


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """One version of one record, in the log's terms."""

    record: Record
    kind: ChangeKind
    reason: str
    actor: str
    at: datetime
    born: Position
    current: bool
    """Whether it is what is there now; a deletion never is."""


@dataclass(frozen=True, slots=True)
class KeptCommit:
    """A change set that was committed, with the entries of the log that it made."""

    id: CommitId
    at: Committed
    entries: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class KeptFence:
    partition: Partition
    position: Position


@dataclass(frozen=True, slots=True)
class KeptBytes:
    """Bytes derived from a version, or the mark of a projection."""

    ref: DerivedRef
    data: bytes


def check_log(organization: OrganizationId, head: Head, *, last: Position, entries: int) -> None:
    """Check that a copied log of so many ``entries`` up to ``last`` is the one that ends at ``head``.

    Raises:
        Unavailable: it ends elsewhere, or has a hole.
    """
    if not last == entries == head.position:
        raise Unavailable(
            f"The log of {organization} was to end at {head.position}, and {entries} entries up "
            f"to {last} were copied. Move it again."
        )


Row: TypeAlias = KeptVersion | KeptCommit | KeptFence | KeptBytes


class Section(StrEnum):
    """The kinds of rows, in the order in which they are copied."""

    VERSIONS = "versions"
    """By (id, version)."""
    COMMITS = "commits"
    """By id."""
    FENCES = "fences"
    """By partition."""
    BYTES = "bytes"
    """By (id, version, generation)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An organization as a store has it."""

    head: Head
    seal: Seal | None


class Copying(Protocol):
    async def stored(self) -> Mapping[OrganizationId, Seal | None]:
        """Return every organization that something was ever written for, and how it is sealed."""
        ...

    async def standing(self, organization: OrganizationId) -> Standing | None:
        """Return how an organization stands; None: nothing was ever written for it."""
        ...

    async def seal(self, organization: OrganizationId, seal: Seal | None) -> None:
        """Seal an organization, or with None open it again.

        What was handed over before is committed. From here on a commit raises ``Moved``, and with
        ``FILLING`` and ``MOVED`` a question for its head too.
        """
        ...

    async def read(
        self,
        organization: OrganizationId,
        section: Section,
        *,
        after: Row | None = None,
        limit: int = 500,
    ) -> Sequence[Row]:
        """Return up to ``limit`` rows of a section behind ``after``, in its order.

        None at all: there are no more. To be asked only of what is sealed.
        """
        ...

    async def begin(self, organization: OrganizationId) -> None:
        """Make the organization anew, empty and sealed as ``FILLING``. What was there is gone."""
        ...

    async def write(self, organization: OrganizationId, rows: Sequence[Row]) -> None:
        """Keep the next rows of a section, as they are, in an organization that is being filled."""
        ...

    async def finish(self, organization: OrganizationId, head: Head) -> None:
        """Open an organization that is full, with its log ending at ``head``.

        Raises:
            Unavailable: the log that was written does not end there, or has a hole.
        """
        ...
