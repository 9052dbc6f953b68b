"""What a provider does when it is asked: it answers, or fails as providers do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    pieces: tuple[str, ...] = ("Good ", "morning, ", "Åsa ☀.")
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    ending: str = "done"
    """`done`, `length` or `declined`."""
    read: int = 40
    cached: int = 10
    written: int = 6

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fails:
    status: int
    message: str = "Something is not in order."
    kind: str = "error"
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float | None = None
    """Seconds to wait, where the provider says it in the body."""


class Does(StrEnum):
    HANGS = "hangs"
    """It takes the request and is silent."""
    BREAKS = "breaks"
    """The connection is lost in the middle."""
    STOPS = "stops"
    """The stream ends in good order before the answer does."""
    TELLS_LATE = "tells late"
    """An error comes in the stream, after 200."""
    JUNK = "junk"
    """It answers what is not JSON, with 200."""
    ANOTHER_SHAPE = "another shape"
    """It answers JSON that is nothing of what it should be, with 200."""
    HUGE = "huge"
    """It answers 10 MB, with 200."""


Deed: TypeAlias = Says | Fails | Does
HUGE_BYTES = 10 * 1024 * 1024
