"""Files in and out: what to send, and what the answers say. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from mnemos.client.problems import ServerFault, of
from mnemos.client.results import Result
from mnemos.client.wire import Wire


class BrokenPart(Result, frozen=True, kw_only=True, rename="camel"):
    """A part of a file that could not be taken in."""

    where: str
    why: str


class ImportStarted(Result, frozen=True, kw_only=True, rename="camel"):
    job_id: str
    position: str
    broken_count: int
    broken: tuple[BrokenPart, ...]
    """The first hundred."""


def import_params(
    *,
    user_id: str | None,
    agent_id: str | None,
    verbatim: bool,
    format: str | None,
    name: str | None,
) -> dict[str, str]:
    given = {"user": user_id, "agent": agent_id, "format": format, "name": name}
    return {"verbatim": str(verbatim).lower()} | {
        name: value for name, value in given.items() if value is not None
    }


def export_params(*, user_id: str | None, secrets: bool) -> dict[str, str]:
    user = {"user": user_id} if user_id is not None else {}
    return user | ({"secrets": "true"} if secrets else {})


def import_headers(wire: Wire, idempotency_key: str | None) -> dict[str, str]:
    key = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
    return wire.headers | key | {"Content-Type": "application/octet-stream"}


def import_started(wire: Wire, response: httpx.Response) -> ImportStarted:
    """Return what a server answered to a file.

    Raises:
        MnemosError: it was refused.
    """
    check(wire, response)
    try:
        started = msgspec.json.decode(response.content, type=ImportStarted)
    except msgspec.DecodeError as strange:
        raise _no_mnemos(wire, response) from strange
    wire.seen.note(started.position)
    return started


def check(wire: Wire, response: httpx.Response) -> None:
    """Raise what a response refuses; its body must have been read where it does."""
    if response.is_success:
        return
    try:
        told: Mapping[str, Any] = msgspec.json.decode(response.content, type=dict[str, Any])
        errors = msgspec.convert(told.get("errors"), list[dict[str, Any]])
    except (msgspec.DecodeError, msgspec.ValidationError) as strange:
        raise _no_mnemos(wire, response) from strange
    raise of(errors)


def _no_mnemos(wire: Wire, response: httpx.Response) -> ServerFault:
    return ServerFault(
        f"{wire.url} answered a file with status {response.status_code}. Is it a Mnemos server?"
    )
