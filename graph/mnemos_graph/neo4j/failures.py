"""What a failure of Neo4j or of the way to it means to a caller."""

from __future__ import annotations

from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    DatabaseError,
    DriverError,
    Neo4jError,
)

from mnemos_graph.errors import BadInput, MnemosError, Unavailable

_RATE_LIMIT = "Neo.ClientError.Security.AuthenticationRateLimit"
_TOOK_TOO_LONG = "Neo.ClientError.Transaction.TransactionTimedOut"
_REFUSED = {
    "Neo.ClientError.Database.DatabaseNotFound": "has no such database. Correct the address's end.",
    "Neo.ClientError.Security.Forbidden": "does not let this user do that. Give it the right to.",
}
_AWAY = (OSError, TimeoutError)


def outcome(failure: BaseException, place: str) -> MnemosError | None:
    """Return what ``failure`` means to the caller; None: it is a defect."""
    if isinstance(failure, MnemosError):
        return failure
    if isinstance(failure, UnicodeEncodeError):
        return BadInput("A text has half of a surrogate pair. Send whole Unicode characters.")
    if isinstance(failure, Neo4jError):
        return _told(failure, place)
    if isinstance(failure, ConfigurationError):
        return None
    if isinstance(failure, (DriverError, *_AWAY)):
        return Unavailable(f"Neo4j at {place} does not answer. Check that it runs, and try again.")
    return None


def repeatable(failure: BaseException) -> bool:
    """Whether the same may succeed a moment later."""
    if isinstance(failure, Neo4jError):
        return failure.is_retryable()
    if isinstance(failure, ConfigurationError):
        return False
    return isinstance(failure, (DriverError, *_AWAY))


def _told(failure: Neo4jError, place: str) -> MnemosError | None:
    """Return the meaning of what the server itself said."""
    if failure.code in _REFUSED:
        return BadInput(f"Neo4j at {place} {_REFUSED[failure.code]}")
    if failure.code == _RATE_LIMIT:
        return Unavailable(f"Neo4j at {place} refused too many passwords. Wait a minute.")
    if isinstance(failure, AuthError):
        return BadInput(f"Neo4j at {place} refuses this user or password. Correct them.")
    if failure.is_retryable() or (failure.code or "").startswith(_TOOK_TOO_LONG):
        return Unavailable(f"Neo4j at {place} is busy or starting. Try again shortly.")
    if isinstance(failure, DatabaseError):
        return Unavailable(f"Neo4j at {place} failed. Look into its log, and try again.")
    return None
