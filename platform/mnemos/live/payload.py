"""What an execution answered, encoded once for all who listen to it."""

from __future__ import annotations

from mnemos.frames import text_frame
from mnemos_schema.context import Delivered
from mnemos_schema.reading import Extent


class Payload:
    __slots__ = ("_begins", "_frame", "body", "extent", "whole")

    def __init__(self, body: bytes, extent: Extent | None = None, *, whole: bool = True) -> None:
        """Keep a result.

        Args:
            body: the result as JSON, without a line break.
            extent: what it covers of the log; None: it is no page of it.
            whole: whether nothing of it is missing for an error.
        """
        self.body = body
        self.extent = extent
        self.whole = whole
        self._begins = b""
        self._frame = b""

    @property
    def delivered(self) -> Delivered | None:
        """How far a listener was told that has this and all before it."""
        return Delivered(self.extent.until, self.extent.cursor) if self.extent else None

    def frame(self, begins: bytes) -> bytes:
        """Return the frame of a message that begins so and ends with this; the last one is kept.

        Most listeners name their subscription alike, so that most are sent the very same bytes.
        """
        if begins != self._begins:
            self._begins, self._frame = begins, text_frame(begins + self.body + b"}")
        return self._frame
