"""Which part of the log an execution tells, where several listeners share what it answers.

A listener's own execution goes by the arguments of its document. One that is shared is told from
where to where it reads, and tells what each of its pages covers, so that others can join in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mnemos_graph.model import Position
from mnemos_schema.scalars import Cursor


@dataclass(frozen=True, slots=True)
class Greeting:
    """The first page alone: it says where a listener starts, and has no changes."""

    epoch: int
    at: Position
    has_more: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """The changes behind a position, which the log of this process has reached."""

    epoch: int
    after: Position
    until: Position | None = None
    """Where to end; a change set ends there. None: it goes on."""


class Extent(NamedTuple):
    """What a page covers."""

    after: Position
    first: Position | None
    """Where the first change that it shows stands; None: it shows none."""
    last: Position | None
    """Where the last one does."""
    until: Position
    cursor: Cursor
    """Where it ends."""
