"""How much one request may ask for. Outside of a limit it is refused, never clamped."""

from __future__ import annotations

from mnemos_graph.errors import BadInput, TooMuch

MOST_ITEMS = 100
"""In one page."""


def page_size(first: int, most: int = MOST_ITEMS, name: str = "first") -> int:
    """Return ``first`` if a page may have that many items.

    Raises:
        BadInput: it is less than 1.
        TooMuch: it is more than ``most``.
    """
    if first < 1:
        raise BadInput(f"{name} is {first}. Give 1 to {most}.")
    if first > most:
        raise TooMuch(f"{name} is {first}; at most {most} are allowed. Read the rest page by page.")
    return first
