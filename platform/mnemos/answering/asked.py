"""What a GraphQL request over HTTP asks, read without the framework.

Only plain requests are read: whatever is out of the ordinary goes the long way, where it is answered
or refused as it deserves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Message, Receive, Scope

from mnemos.accepts import JSON, RESPONSE_JSON, answer_type
from mnemos.documents import Documents, digest, name_of
from mnemos.door import secret_of
from mnemos_graph.errors import MnemosError

LONGEST = 65_536
"""Bytes of a request that may be looked up; a longer one is always answered anew."""

_JSON = frozenset(
    {
        b"application/json",
        b"application/json; charset=utf-8",
        b"application/json;charset=utf-8",
    }
)
_CREDENTIALS = (b"authorization", b"x-api-key", b"apikey")
_MATTERS = frozenset(
    {
        *_CREDENTIALS,
        *(b"accept", b"accept-encoding", b"content-length", b"content-type", b"host"),
        *(b"if-none-match", b"mnemos-after", b"origin"),
    }
)
_OPERATION_BYTES = 256


class Sent(NamedTuple):
    """What the head of a request says about its answer."""

    is_get: bool
    media: str
    gzip: bool
    headers: Mapping[bytes, bytes]
    is_plain: bool = True
    """Whether it can be looked up; if not, it is answered anew."""

    @property
    def secret(self) -> str | None:
        """The key that it came with.

        Raises:
            Unauthenticated: it is given in a way that is not ours.
        """
        for name in _CREDENTIALS:
            if given := self.headers.get(name):
                return secret_of({name.decode(): given.decode("latin-1")})
        return None

    @property
    def after(self) -> str | None:
        """The position that the answer must not be older than."""
        given = self.headers.get(b"mnemos-after")
        return given.decode("latin-1") if given else None


class Asked(NamedTuple):
    """One operation, however it was spelled."""

    document: bytes
    """The SHA-256 of its text."""
    operation: str
    variables: bytes
    """As JSON with sorted keys."""


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body, as it was read to be looked at."""

    messages: list[Message]

    @property
    def whole(self) -> bytes | None:
        """All of it; None where it is too long or its client has left."""
        last = self.messages[-1]
        if last["type"] != "http.request" or last.get("more_body", False):
            return None
        if len(self.messages) == 1:
            return bytes(last.get("body", b""))
        return b"".join(each.get("body", b"") for each in self.messages)

    @classmethod
    async def read(cls, receive: Receive) -> Body:
        """Read it, up to ``LONGEST`` bytes or a little more."""
        message = await receive()
        messages, length = [message], len(message.get("body", b""))
        while message["type"] == "http.request" and message.get("more_body") and length <= LONGEST:
            message = await receive()
            messages.append(message)
            length += len(message.get("body", b""))
        return cls(messages)

    def again(self, receive: Receive) -> Receive:
        """Return what gives the same to the next reader, and then goes on."""
        waiting = iter(self.messages)

        async def replayed() -> Message:
            return next(waiting, None) or await receive()

        return replayed


class _Request(msgspec.Struct):
    query: str | None = None
    variables: dict[str, Any] | None = None
    operationName: str | None = None  # noqa: N815 - as GraphQL over HTTP names it
    extensions: dict[str, Any] | None = None


_requests = msgspec.json.Decoder(_Request)
_mappings = msgspec.json.Decoder(dict[str, Any])
_sorted = msgspec.json.Encoder(order="sorted")


def sent(scope: Scope) -> Sent | None:
    """Return what a request's head says; None: it asks for no answer in JSON."""
    listed = scope["headers"]
    headers = dict(listed)
    media = _media(headers.get(b"accept", b""))
    method = scope["method"]
    if media is None or method not in {"GET", "POST"}:
        return None
    if len(headers) != len(listed) and _is_ambiguous(listed):
        return None
    gzip = takes_gzip(headers.get(b"accept-encoding", b""))
    if method == "GET":
        return Sent(True, media, gzip, headers, len(scope["query_string"]) <= LONGEST)  # noqa: FBT003
    plain = headers.get(b"content-type", b"").lower() in _JSON
    length = headers.get(b"content-length", b"")
    return Sent(False, media, gzip, headers, plain and _is_short(length))  # noqa: FBT003


def asked(raw: bytes, documents: Documents, *, is_get: bool) -> Asked | None:
    """Return what is asked by a body, or by the query of a URL; None: it has to be looked at."""
    try:
        request = _of_url(raw) if is_get else _requests.decode(raw)
        variables = _sorted.encode(request.variables or {})
        document = _document(request, documents)
    except (msgspec.MsgspecError, MnemosError, ValueError, RecursionError):
        return None
    operation = request.operationName or ""
    if document is None or len(operation) > _OPERATION_BYTES:
        return None
    return Asked(document, operation, variables)


def _of_url(raw: bytes) -> _Request:
    given = dict(parse_qsl(raw.decode("ascii"), keep_blank_values=True))
    variables, extensions = given.get("variables"), given.get("extensions")
    return _Request(
        query=given.get("query"),
        variables=_mappings.decode(variables) if variables else None,
        operationName=given.get("operationName"),
        extensions=_mappings.decode(extensions) if extensions else None,
    )


def _document(request: _Request, documents: Documents) -> bytes | None:
    """Return the SHA-256 of the document that is meant; None: there is none, or it has two."""
    name = name_of(request.extensions)
    named = None if name is None else documents.digest(name)
    if not request.query:
        return named
    given = digest(request.query)
    return given if name is None or named == given else None


def _is_ambiguous(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether a header that matters came more than once."""
    told = [name for name, _ in headers if name in _MATTERS]
    return len(told) != len(set(told))


def _is_short(length: bytes) -> bool:
    return len(length) < len(str(LONGEST)) or (length.isdigit() and int(length) <= LONGEST)


@lru_cache(maxsize=256)
def _media(accept: bytes) -> str | None:
    found = answer_type(accept.decode("latin-1"))
    return found if found in {JSON, RESPONSE_JSON} else None


@lru_cache(maxsize=256)
def takes_gzip(accepted: bytes) -> bool:
    """Return whether an Accept-Encoding header allows gzip."""
    for each in accepted.decode("latin-1").lower().split(","):
        name, _, weight = each.partition(";")
        if name.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
