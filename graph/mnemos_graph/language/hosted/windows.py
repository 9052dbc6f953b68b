"""Cutting a text into windows that a model reads at once."""

from __future__ import annotations

from collections.abc import Iterator

OVERLAP = 8
"""A window begins with the last part, one in so many, of the one before."""


def windows(text: str, most: int) -> list[str]:
    """Return windows of ``most`` characters or fewer that overlap, cut between words if they can.

    A text that fits is one window, as it is; an empty one is one, too.
    """
    return list(_windows(text, most)) or [text]


def _windows(text: str, most: int) -> Iterator[str]:
    start = 0
    while start < len(text):
        stop = min(len(text), start + most)
        if stop < len(text):
            space = text.rfind(" ", start + most // 2, stop)
            stop = space if space > 0 else stop
        yield text[start:stop]
        if stop == len(text):
            return
        back = stop - most // OVERLAP
        space = text.find(" ", back, stop)
        start = space + 1 if space > 0 else back
