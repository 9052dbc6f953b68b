"""The pages that a group told last, which bring whoever stands somewhere among them up to date.

Pages lie end to end. One fits a listener that has already passed its beginning as long as nothing
that it shows is among what the listener has; only where it does has the listener to be read the
rest of that page alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from mnemos.live.payload import Payload
from mnemos_graph.model import Position
from mnemos_schema.reading import Extent


@dataclass(frozen=True, slots=True)
class Page:
    payload: Payload
    extent: Extent


@dataclass(frozen=True, slots=True)
class Rest:
    """The listener has a part of a page: it is told the rest of it alone, up to ``until``."""

    until: Position
    shows: bool
    """Whether there is any change in the rest."""


@dataclass(frozen=True, slots=True)
class Before:
    """The listener stands before the first page that is kept, which begins at ``start``."""

    start: Position


class Spine:
    def __init__(self, start: Position) -> None:
        self.start = start
        """Where the first page that is kept begins."""
        self.end = start
        """How far the group was told."""
        self.bytes = 0
        self._pages: deque[Page] = deque()

    def append(self, page: Page) -> None:
        """Add the page that was told behind the last one."""
        self._pages.append(page)
        self.end = page.extent.until
        self.bytes += len(page.payload.body)

    def prepend(self, pages: Sequence[Page], start: Position) -> None:
        """Put pages that lie end to end from ``start`` before the first one."""
        self._pages.extendleft(reversed(pages))
        self.start = start
        self.bytes += sum(len(each.payload.body) for each in pages)

    def shrink(self, most_bytes: int) -> None:
        """Let go of the oldest pages, until no more than so many bytes are kept."""
        while self._pages and self.bytes > most_bytes:
            oldest = self._pages.popleft()
            self.start = oldest.extent.until
            self.bytes -= len(oldest.payload.body)

    def clear(self) -> None:
        """Let go of all pages."""
        self.shrink(-1)

    def behind(self, position: Position) -> Sequence[Page] | Rest | Before:
        """Return the pages that tell a listener at ``position`` everything up to the end."""
        if position >= self.end:
            return ()
        if position < self.start:
            return Before(self.start)
        place = bisect_right(self._pages, position, key=lambda page: page.extent.until)
        extent = self._pages[place].extent
        if not fits(extent, position):
            return Rest(extent.until, shows=extent.last is not None and extent.last > position)
        return list(islice(self._pages, place, None))


def fits(extent: Extent, position: Position) -> bool:
    """Return whether a page that ends behind ``position`` shows nothing that lies up to there."""
    return extent.after >= position or extent.first is None or extent.first > position
