"""How much one request may ask for. Outside of a limit it is refused, never clamped."""

from __future__ import annotations

from mnemos_graph.errors import BadInput, TooMuch

MOST_ITEMS = 100
"""In one page."""
MOST_HOPS = 3


def page_size(first: int, most: int = MOST_ITEMS, name: str = "first") -> int:
    """Return ``first`` if a page may have that many items.

    Raises:
        BadInput: it is less than 1.
        TooMuch: it is more than ``most``.
    """
    if first < 1:
        raise BadInput(f"{name} is {first}. Give 1 to {most}.")
    if first > most:
        raise TooMuch(f"{name} is {first}; at most {most} are allowed. Ask in parts.")
    return first


def hops_allowed(hops: int) -> int:
    """Return ``hops`` if a walk may be that long.

    Raises:
        BadInput: it is negative.
        TooMuch: it is more than 3.
    """
    if hops < 0:
        raise BadInput(f"hops is {hops}. Give 0 to {MOST_HOPS}.")
    if hops > MOST_HOPS:
        raise TooMuch(f"hops is {hops}; at most {MOST_HOPS} are allowed. Go on from what you find.")
    return hops
