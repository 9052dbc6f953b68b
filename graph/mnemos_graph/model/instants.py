"""Instants as whole microseconds since 1970, which is how they are kept and compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Return an instant as whole microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def instant(micros_: int) -> datetime:
    """Return the instant that many microseconds after 1970 began, in UTC."""
    return _EPOCH + timedelta(microseconds=micros_)
