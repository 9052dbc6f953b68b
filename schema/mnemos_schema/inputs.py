"""What an input leaves out."""

from __future__ import annotations

from typing import TypeVar

import strawberry

T = TypeVar("T")


def given(value: T | None, otherwise: T) -> T:
    """Return ``value``, or ``otherwise`` where it is absent or null."""
    return otherwise if value is None or value is strawberry.UNSET else value


def optional(value: T | None) -> T | None:
    """Return ``value``; None where it is absent."""
    return None if value is strawberry.UNSET else value
