"""The log's entries and the versions that they made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from mnemos_graph.model.ids import START, Position, RecordId
from mnemos_graph.model.record import Record, RecordKind
from mnemos_graph.model.scope import Scope

R_co = TypeVar("R_co", bound=Record, covariant=True)


class ChangeKind(StrEnum):
    CREATED = "created"
    """It is there, and was not before: new, or restored after a deletion."""
    UPDATED = "updated"
    DELETED = "deleted"
    ERASED = "erased"
    """Its content is gone for good; subject, scope and actor of its entries are blank."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of an organization's log: what changed, by reference. Never its content."""

    position: Position
    commit_end: Position
    """The last position of the change set that it was committed in."""
    kind: ChangeKind
    subject_type: RecordKind
    subject_id: RecordId
    """Empty where it was erased."""
    version: int
    scope: Scope | None
    """None where it was erased."""
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Version(Generic[R_co]):
    """A record as one change left it."""

    record: R_co
    """For a deletion: as it was, under the deletion's version number."""
    kind: ChangeKind
    reason: str
    actor: str
    at: datetime
    born: Position
    """The change that made it; it was current from there to the next version's."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where an organization's log ends."""

    epoch: int
    """Grows by one when a restore or a migration takes the log over."""
    position: Position
    began: Position = START
    """The position at which the epoch began: cursors of older epochs hold up to here."""
