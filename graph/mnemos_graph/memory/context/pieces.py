"""What a context is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import TypeVar

from mnemos_graph.index.partition import moment
from mnemos_graph.model import Block, Fact, Memory, Record, RecordId, RecordKind

R = TypeVar("R", bound=Record)


class Part(IntEnum):
    """Where something is told: what changes rarely comes first, so that it can be cached."""

    BLOCKS = 1
    STANDING = 2
    """Facts that are told whatever is asked."""
    ENDED = 3
    """What held and does no more, where changes are told."""
    FACTS = 4
    """Facts about what is asked."""
    MEMORIES = 5
    GONE = 6


@dataclass(frozen=True, slots=True)
class Gone:
    """What was deleted or erased: named, never told."""

    kind: RecordKind | None
    """None: some of any kind."""
    id: RecordId | None = None
    at: datetime | None = None
    count: int = 1
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    part: Part
    what: Record | Gone

    @property
    def text(self) -> str:
        """What it says, without dates and names; empty for what is gone."""
        match self.what:
            case Block():
                return self.what.value
            case Fact():
                return self.what.statement
            case Memory():
                return self.what.told
        return ""


def told(pieces: Iterable[Piece], kind: type[R]) -> tuple[R, ...]:
    """Return the records of one kind, in order."""
    return tuple(each.what for each in pieces if isinstance(each.what, kind))


def day_of(memory: Memory) -> date:
    return moment(memory).date()


def in_order(pieces: Iterable[Piece]) -> Sequence[Piece]:
    """Return pieces as they are written: part by part, of memories the newest day first.

    Within a day, session by session, they are in the order in which they were said, as a
    conversation is read.
    """
    return sorted(pieces, key=_place)


def _place(piece: Piece) -> tuple[int, int, str, float, str]:
    if piece.part is Part.MEMORIES and isinstance(piece.what, Memory):
        at, session = moment(piece.what), piece.what.scope.session_id or ""
        return (piece.part, -at.date().toordinal(), session, at.timestamp(), piece.what.id)
    return (piece.part, 0, "", 0.0, "")
