"""What a write answers, and the clock that it goes by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from mnemos_graph.model import Position, Record

R_co = TypeVar("R_co", bound=Record, covariant=True)

Clock = Callable[[], datetime]
"""Now, in UTC."""


@dataclass(frozen=True, slots=True)
class Written(Generic[R_co]):
    """A record as it was written, and the log position at which it can be read."""

    record: R_co
    position: Position


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many records were taken away (or would be), and where the log stood then."""

    count: int
    position: Position
