"""What a caller is told when something goes wrong: the codes, their status, and no insides.

The codes of Mnemos itself are in ``mnemos_graph.errors``; those of GraphQL and of HTTP are here,
and so is the one table of what each means as an HTTP status.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast
from uuid import uuid4

from graphql import ExecutionResult, GraphQLError, GraphQLSyntaxError
from strawberry.extensions import MaskErrors
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from mnemos_graph.errors import MnemosError

BAD_USER_INPUT = "BAD_USER_INPUT"
INTERNAL = "INTERNAL"
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"

STATUS: Mapping[str, int] = {
    BAD_USER_INPUT: 400,
    PARSE_FAILED: 400,
    VALIDATION_FAILED: 400,
    "PERSISTED_QUERY_NOT_FOUND": 400,
    "LIMIT_EXCEEDED": 400,
    "CURSOR_EXPIRED": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "RATE_LIMITED": 429,
    INTERNAL: 500,
    "UNAVAILABLE": 503,
    "TIMEOUT": 504,
}
"""The status of a request that was refused as a whole. One that was executed is always 200."""

_NO_NUMBER = "A number in the document has too many digits. Give one that its type can hold."
"""Reading a literal fails in Python itself only where the number is too long."""

_CODES = {404: "NOT_FOUND", 413: "LIMIT_EXCEEDED"}

log = logging.getLogger(__name__)


def formatted(error: Exception) -> dict[str, Any]:
    """Return an error outside of any execution as it stands in ``errors`` of a response."""
    wrapped = GraphQLError(str(error), original_error=error)
    return dict(_public(wrapped, BAD_USER_INPUT).formatted)


def refusal(status: int, reason: str) -> dict[str, Any]:
    """Return what HTTP itself refuses as it stands in ``errors`` of a response."""
    code = _CODES.get(status, BAD_USER_INPUT)
    return {"message": reason, "extensions": {"code": code}}


def request_status(errors: Sequence[Mapping[str, Any]]) -> int:
    """Return the HTTP status for the errors of one response.

    An error with a path came out of an execution, whose other parts may well have succeeded.
    """
    if not errors or any("path" in error for error in errors):
        return 200
    return STATUS[errors[0]["extensions"]["code"]]


class PublicErrors(MaskErrors):
    """Passes on what was written for the caller; logs the rest under an incident id."""

    def __init__(self) -> None:
        super().__init__()
        self._executing = False

    def on_execute(self) -> Iterator[None]:
        self._executing = True
        yield

    def _process_result(self, result: object) -> None:
        """Do it without asking whether ``result`` is like one that has errors, which is dear."""
        errors = getattr(result, "errors", None)
        if errors:
            cast("ExecutionResult", result).errors = self._process_errors(errors)

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        return _public(error, BAD_USER_INPUT if self._executing else VALIDATION_FAILED)


def _public(error: GraphQLError, ours: str = VALIDATION_FAILED) -> GraphQLError:
    """Return ``error`` as it may be shown; ``ours`` is the code where it has no cause."""
    cause = error.original_error
    if isinstance(cause, MnemosError):
        return _with(error, error.message, code=cause.code, retryable=cause.retryable)
    if isinstance(error, GraphQLSyntaxError):
        return _with(error, error.message, code=PARSE_FAILED)
    if isinstance(cause, CannotGetOperationTypeError | InvalidOperationTypeError):
        return _with(error, error.message, code=BAD_USER_INPUT)
    if cause is None or isinstance(cause, GraphQLError):
        return _with(error, error.message, code=ours)
    if isinstance(cause, ValueError) and ours == VALIDATION_FAILED:
        return _with(error, _NO_NUMBER, code=ours)
    incident = uuid4().hex[:12]
    log.error("incident %s at %s", incident, error.path, exc_info=cause)
    return _with(
        error,
        f"Something broke on our side. Report it as incident {incident}.",
        code=INTERNAL,
        incident=incident,
    )


def _with(error: GraphQLError, message: str, **extensions: object) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
