"""The scalars of the contract, and what they are in Python."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NewType

import msgspec
import strawberry
from strawberry.types.scalar import ScalarDefinition

from mnemos_graph.errors import BadInput

Cursor = NewType("Cursor", str)
JSON = NewType("JSON", object)

_ENCODER = msgspec.json.Encoder()
"""Writes an instant in UTC as RFC 3339 has it, ten times as fast as ``isoformat``."""
_EXAMPLE = "Give RFC 3339 with an offset, such as 2026-01-31T09:30:00Z."


def instant(value: object) -> datetime:
    """Return the instant that an RFC 3339 text names, in UTC.

    Raises:
        BadInput: it is no such text, or has no offset.
    """
    if not isinstance(value, str):
        raise BadInput(f"A DateTime is a string. {_EXAMPLE}")
    try:
        parsed = datetime.fromisoformat(value.upper())  # RFC 3339 allows t and z
        if len(value) < len("2026-01-31T09:30Z") or parsed.tzinfo is None:
            raise BadInput(f"The DateTime {value!r} has no offset from UTC. {_EXAMPLE}")
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise BadInput(f"{value!r} is not a DateTime. {_EXAMPLE}") from wrong


def rfc3339(value: datetime) -> str:
    """Return an instant as text: UTC, with a ``Z``, microseconds only where there are any."""
    if value.tzinfo is UTC and type(value) is datetime:
        return _ENCODER.encode(value)[1:-1].decode()
    return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _cursor(value: object) -> Cursor:
    if not isinstance(value, str):
        raise BadInput("A Cursor is a string that was given out as `position`.")
    return Cursor(value)


SCALARS: dict[Any, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            "An instant, RFC 3339, always UTC on the way out; any offset is accepted on the way in."
        ),
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=rfc3339,
        parse_value=instant,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc8259",
    ),
    Cursor: strawberry.scalar(
        name="Cursor",
        description=(
            "An opaque position in an organization's change log. Positions of one organization "
            "are totally ordered."
        ),
        parse_value=_cursor,
    ),
}
