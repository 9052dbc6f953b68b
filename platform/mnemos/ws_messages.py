"""The messages that a client of graphql-transport-ws may send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ABOUT_OPERATIONS = ("subscribe", "complete")
_ABOUT_THE_CONNECTION = ("connection_init", "ping", "pong")
_PAYLOAD_OF_SUBSCRIBE: Mapping[str, type] = {
    "query": str,
    "variables": dict,
    "operationName": str,
    "extensions": dict,
}


def flaw(message: object) -> str | None:
    """Say why a decoded message is none of the protocol's; None where it is one."""
    if not isinstance(message, dict):
        return "A message is a JSON object"
    kind = message.get("type")
    if kind not in (*_ABOUT_OPERATIONS, *_ABOUT_THE_CONNECTION):
        return "A message has a type: connection_init, subscribe, complete, ping or pong"
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        return f"The payload of {kind} is a JSON object"
    if kind in _ABOUT_OPERATIONS and not (message.get("id") and isinstance(message["id"], str)):
        return f"{kind} needs an id, which is a string"
    return _flaw_of_subscribe(payload or {}) if kind == "subscribe" else None


def _flaw_of_subscribe(payload: Mapping[str, Any]) -> str | None:
    extensions = payload.get("extensions")
    is_named = isinstance(extensions, dict) and "persistedQuery" in extensions
    if not payload.get("query") and not is_named:
        return "subscribe needs a payload with a query"
    for name, kind in _PAYLOAD_OF_SUBSCRIBE.items():
        if not isinstance(payload.get(name), kind | None):
            return f"{name} of subscribe is of the wrong type"
    return None
