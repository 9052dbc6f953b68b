"""What may come in: the limits of texts, tags, metadata and numbers, each with its message."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from mnemos_graph.errors import BadInput, Conflict, TooMuch

LONGEST_TEXT = 32_768
"""UTF-8 bytes of a memory, message, statement or value."""
LARGEST_METADATA = 16_384
"""Bytes of JSON."""
DEEPEST_METADATA = 8
MOST_TAGS = 32
LONGEST_TAG = 64
LARGEST_PAGE = 100


def text(name: str, value: str, longest: int = LONGEST_TEXT) -> str:
    """Return ``value`` if it can be kept and has something to say.

    Raises:
        BadInput: it is blank, or has a NUL or half of a surrogate pair.
        TooMuch: it has more than ``longest`` UTF-8 bytes.
    """
    if not value.strip():
        raise BadInput(f"{name} is empty. Give some text.")
    return storable(name, value, longest)


def storable(name: str, value: str, longest: int = LONGEST_TEXT) -> str:
    """Return ``value`` if it can be kept; it may be empty."""
    if "\0" in value:
        raise BadInput(f"{name} has a NUL character. Remove it.")
    try:
        size = len(value.encode())
    except UnicodeEncodeError as broken:
        raise BadInput(
            f"{name} has half of a surrogate pair at character {broken.start}. Send valid Unicode."
        ) from broken
    if size > longest:
        raise TooMuch(f"{name} has {size} bytes; at most {longest} are allowed. Split it.")
    return value


def share(name: str, value: float) -> float:
    """Return ``value`` if it is a number from 0 to 1."""
    if not math.isfinite(value) or not 0 <= value <= 1:
        raise BadInput(f"{name} is {value}; it must be a number from 0 to 1.")
    return value


def instant(name: str, value: datetime) -> datetime:
    """Return ``value`` if it is one instant: a local time without an offset is not."""
    if value.tzinfo is None:
        raise BadInput(f"{name} has no offset from UTC. Write it as 2026-01-31T12:00:00Z.")
    return value


def optional_instant(name: str, value: datetime | None) -> datetime | None:
    return None if value is None else instant(name, value)


def interval(since: datetime | None, until: datetime | None) -> None:
    """Refuse an interval that ends before it begins."""
    if since and until and until < since:
        raise BadInput(f"It would end ({until.isoformat()}) before it began ({since.isoformat()}).")


def version(name: str, held: int, expected: int | None) -> None:
    """Refuse to change what is not at the version that its caller expects, if they expect one."""
    if expected is not None and held != expected:
        raise Conflict(
            f"The {name} is at version {held}, not {expected}. Read it again and decide anew."
        )


def page_size(first: int, largest: int = LARGEST_PAGE) -> int:
    """Return ``first`` if a page can have that many."""
    if first < 1:
        raise BadInput(f"first is {first}; ask for 1 to {largest}.")
    if first > largest:
        raise TooMuch(f"first is {first}; at most {largest} are given at once. Page on with after.")
    return first


def tags(values: Sequence[str]) -> tuple[str, ...]:
    """Return the tags without repeats, in the order given."""
    found = tuple(dict.fromkeys(values))
    if len(found) > MOST_TAGS:
        raise TooMuch(f"There are {len(found)} tags; at most {MOST_TAGS} are allowed.")
    for tag in found:
        if len(tag) > LONGEST_TAG:
            raise TooMuch(f"A tag has {len(tag)} characters; at most {LONGEST_TAG} are allowed.")
        text("A tag", tag)
    return found


def metadata(value: Any) -> Mapping[str, Any]:
    """Return ``value`` if it is a JSON object within the limits of size and depth."""
    if not isinstance(value, Mapping):
        raise BadInput('metadata must be a JSON object, such as {"project": "atlas"}.')
    if _depth(value, DEEPEST_METADATA) > DEEPEST_METADATA:
        raise TooMuch(
            f"metadata is nested deeper than {DEEPEST_METADATA} levels. Leave some of them out."
        )
    try:
        _finite(value)
        size = len(msgspec.json.encode(value))
    except (UnicodeEncodeError, TypeError) as broken:
        raise BadInput("metadata has a value that is not JSON in valid Unicode.") from broken
    if size > LARGEST_METADATA:
        raise TooMuch(f"metadata has {size} bytes; at most {LARGEST_METADATA} are allowed.")
    return value


def _depth(value: Any, most: int) -> int:
    if most < 0 or not isinstance(value, (Mapping, list, tuple)):
        return 0
    inner = value.values() if isinstance(value, Mapping) else value
    return 1 + max((_depth(each, most - 1) for each in inner), default=0)


def _finite(value: Any) -> None:
    if isinstance(value, Mapping):
        for key, each in value.items():
            storable("A key of metadata", key, LARGEST_METADATA)
            _finite(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            _finite(each)
    elif isinstance(value, float) and not math.isfinite(value):
        raise BadInput("metadata has NaN or an infinite number, which JSON does not know.")
    elif isinstance(value, str):
        storable("A text in metadata", value, LARGEST_METADATA)
