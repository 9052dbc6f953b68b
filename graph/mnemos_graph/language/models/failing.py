"""What a provider's refusal means for whoever asked.

Its own words go to the log and nowhere else: they name accounts, and are written for the operator.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from mnemos_graph.errors import (
    Declined,
    MnemosError,
    RateLimited,
    TimedOut,
    TooMuch,
    Unavailable,
    Unusable,
)

LONGEST_WAIT = 3_600.0
"""Seconds. A provider that wants us to stay away for longer is taken to mean this."""

_MOST_TOLD = 500
_TOO_LONG = re.compile(
    r"too long|context (length|size|window)|maximum context|exceeds? the (maximum|context)"
    r"|input token count|exceed_context_size|context_length_exceeded",
    re.IGNORECASE,
)
_DECLINED = re.compile(r"content.?(filter|policy|management)|ResponsibleAI|safety", re.IGNORECASE)
_NO_MONEY = re.compile(
    r"insufficient_quota|insufficient.balance|billing|credit balance", re.IGNORECASE
)

log = logging.getLogger(__name__)


def refusal(
    part: str, status: int, told: str, *, kind: str = "", after: float | None = None
) -> MnemosError:
    """Return the error that an HTTP status stands for.

    Args:
        part: what the model is called.
        status: 400 or more.
        told: the provider's own words.
        kind: its own name of the error, where it has one.
        after: seconds that it wants us to wait.
    """
    log.warning("%s answered %d %s: %s", part, status, kind, told[:_MOST_TOLD])
    said = f"{kind} {told}"
    if _NO_MONEY.search(said) and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unusable(f"{part} has no credit left. Look after its account.")
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}:
        return _bad_request(part, status, said)
    make = _BY_STATUS.get(status)
    if make is not None:
        return make(part)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(f"{part} takes no more requests for now.", after=after)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.CONFLICT:
        return Unavailable(f"{part} cannot answer now ({status}).", after=after)
    return Unusable(f"{part} refuses every request ({status}). Look at the log.")


def _bad_request(part: str, status: int, said: str) -> MnemosError:
    if _TOO_LONG.search(said):
        return TooMuch(f"This is longer than {part} reads at once. Ask about less.")
    if _DECLINED.search(said):
        return Declined(f"{part} declined to answer this.")
    return Unusable(f"{part} does not take our requests ({status}). Look at the log.")


_BY_STATUS: Mapping[int, Callable[[str], MnemosError]] = {
    401: lambda part: Unusable(f"{part} refuses the key (401). Give it a good one."),
    402: lambda part: Unusable(f"{part} wants to be paid (402). Look after its account."),
    403: lambda part: Unusable(f"{part} forbids this to the key (403). Give it another."),
    404: lambda part: Unusable(f"{part} is not there (404). Look at the model's name and place."),
    408: lambda part: TimedOut(f"{part} took too long (408)."),
    413: lambda part: TooMuch(f"This is longer than {part} reads at once. Ask about less."),
    504: lambda part: TimedOut(f"{part} took too long (504)."),
}


def waits(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds the headers of an answer ask to wait; None where they do not."""
    with suppress(KeyError, ValueError):
        return _bounded(float(headers["retry-after-ms"]) / 1_000)
    told = headers.get("retry-after", "")
    with suppress(ValueError):
        return _bounded(float(told))
    with suppress(ValueError):
        until = parsedate_to_datetime(told)
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        return _bounded((until - datetime.now(UTC)).total_seconds())
    return None


def _bounded(seconds: float) -> float:
    if not seconds < LONGEST_WAIT:  # also what is no number
        return LONGEST_WAIT
    return max(0.0, seconds)
