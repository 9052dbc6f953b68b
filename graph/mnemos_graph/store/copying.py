"""Moving an organization from one store to another: everything it has, as it is.

Not part of what a ``GraphStore`` promises, and bound to no ``Access``: only who operates Mnemos
moves organizations. What another row already says (natural keys, words, references) is no row; a
store makes it from the records when it writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

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
    """A copy of it is being made here. It cannot be read either."""
    MOVING = "moving"
    """It is being copied from here. It can be read."""
    MOVED = "moved"
    """It was copied from here, and lives on elsewhere. It cannot be read any more."""


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """One version of one record, with when it was current."""

    record: Record
    kind: ChangeKind
    reason: str
    actor: str
    at: datetime
    born: Position
    died: Position | None
    """None: it is current. A deletion is never current: it died where it was born."""


@dataclass(frozen=True, slots=True)
class KeptCommit:
    """That a change set was committed, and where."""

    id: CommitId
    at: Committed


@dataclass(frozen=True, slots=True)
class KeptFence:
    partition: Partition
    position: Position


@dataclass(frozen=True, slots=True)
class KeptBytes:
    """Bytes derived from a version."""

    ref: DerivedRef
    data: bytes


Row: TypeAlias = KeptVersion | Change | KeptCommit | KeptFence | KeptBytes


class Section(StrEnum):
    """The kinds of rows, in the order in which they are copied."""

    VERSIONS = "versions"
    """By (id, version), so that the last version of a record comes last."""
    CHANGES = "changes"
    """By position."""
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
    async def stored(self) -> Sequence[OrganizationId]:
        """Return every organization that something was ever written for, sealed ones too."""
        ...

    async def standing(self, organization: OrganizationId) -> Standing | None:
        """Return how an organization stands; None: nothing was ever written for it."""
        ...

    async def seal(self, organization: OrganizationId, seal: Seal | None) -> None:
        """Seal an organization, or with None open it again.

        What was handed over before is committed; from here on a commit is ``Unavailable``, and
        with ``FILLING`` and ``MOVED`` a question for its head too.
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
        """Return the rows of a section behind ``after``, in its order; none: that was all."""
        ...

    async def begin(self, organization: OrganizationId) -> None:
        """Make the organization anew, empty and sealed as ``FILLING``. What was there is gone."""
        ...

    async def write(self, organization: OrganizationId, rows: Sequence[Row]) -> None:
        """Keep rows of one section, as they are, in an organization that is being filled."""
        ...

    async def finish(self, organization: OrganizationId, head: Head) -> None:
        """Open an organization that is full, with its log ending at ``head``."""
        ...
