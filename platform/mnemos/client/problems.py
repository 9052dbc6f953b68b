"""What goes wrong, as the exceptions of ``mnemos_graph.errors``, told apart by their code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mnemos_graph.errors import (
    BadInput,
    Conflict,
    CursorExpired,
    Forbidden,
    MnemosError,
    NotFound,
    RateLimited,
    TimedOut,
    TooMuch,
    Unauthenticated,
    Unavailable,
)


class ServerFault(MnemosError):
    """The server broke, or answered what is no answer."""

    code = "INTERNAL"


class BadDocument(BadInput):
    """A GraphQL document that the server cannot parse or that does not fit its schema."""

    code = "GRAPHQL_VALIDATION_FAILED"


class NothingThere(NotFound):
    """The server knows no such record, by the server's own message."""

    def __init__(self, message: str) -> None:
        Exception.__init__(self, message)
        self.kind = self.key = ""


class Unreachable(Unavailable):
    """Nobody answers at the server's address."""


_MADE_OF: Mapping[str, type[MnemosError]] = {
    "BAD_USER_INPUT": BadInput,
    "LIMIT_EXCEEDED": TooMuch,
    "UNAUTHENTICATED": Unauthenticated,
    "FORBIDDEN": Forbidden,
    "NOT_FOUND": NothingThere,
    "CONFLICT": Conflict,
    "CURSOR_EXPIRED": CursorExpired,
    "RATE_LIMITED": RateLimited,
    "UNAVAILABLE": Unavailable,
    "TIMEOUT": TimedOut,
    "GRAPHQL_PARSE_FAILED": BadDocument,
    "GRAPHQL_VALIDATION_FAILED": BadDocument,
    "PERSISTED_QUERY_NOT_FOUND": BadDocument,
}

FATAL_CLOSES: Mapping[int, type[MnemosError]] = {
    4400: BadInput,
    4401: Unauthenticated,
    4403: Unauthenticated,
    4406: BadInput,
    1009: TooMuch,
}
"""Codes with which a WebSocket is closed for good: connecting again would end the same way."""


def of(errors: Sequence[Mapping[str, Any]]) -> MnemosError:
    """Return the first of a response's errors as an exception."""
    first = errors[0] if errors else {}
    code = (first.get("extensions") or {}).get("code", "INTERNAL")
    return _MADE_OF.get(code, ServerFault)(str(first.get("message", "The server gave no reason.")))
