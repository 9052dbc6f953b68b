"""One subscription over graphql-transport-ws, across as many connections as it takes. No I/O.

A connection is opened, ``opening`` is sent, and every frame goes to ``take``, which gives what to
reply and what to hand to the listener. When a connection is lost, the next one goes on from the last
position that was handed out: nothing is missing and nothing comes twice.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import msgspec
from websockets.frames import Close

from mnemos.client.call import Call
from mnemos.client.problems import FATAL_CLOSES, ServerFault, of
from mnemos.client.results import ChangePage, RecallResult, WatchHit
from mnemos.client.wire import Wire
from mnemos_graph.errors import Unauthenticated

T = TypeVar("T")

PROTOCOL = "graphql-transport-ws"
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 10.0
"""Seconds between two attempts to connect."""


@dataclass(frozen=True, slots=True)
class Heard(Generic[T]):
    """What one frame brought."""

    reply: str | None = None
    item: T | None = None


class Listening(Generic[T]):
    def __init__(
        self, wire: Wire, call: Call[T], *, ends: bool = False, behind: str | None = None
    ) -> None:
        """Listen to what ``call`` asks.

        Args:
            wire: to whom.
            call: the subscription.
            ends: whether it has an end, behind which it is not asked again.
            behind: the position that a watch goes on from; None: from now on.
        """
        self._wire = wire
        self._call = call
        self._ends = ends
        self._after: str | None = None
        self._behind = behind
        self._last: object = None
        self._attempts = 0
        self.lost = False
        """The connection is of no more use."""
        self.over = False
        """There is no more to come, on another connection either."""

    def opening(self) -> Iterator[str]:
        """Return the messages to begin a connection with."""
        self.lost = False
        yield _message(type="connection_init", payload=self._credentials())
        after = {"after": self._after} if self._after else {}
        seen = self._behind if self._call.kind is WatchHit else self._wire.seen.position
        payload: dict[str, Any] = {
            "query": self._call.document,
            "variables": {**self._call.variables, **after},
        }
        if seen:
            payload["extensions"] = {"after": seen}
        yield _message(type="subscribe", id="1", payload=payload)

    def take(self, frame: str | bytes) -> Heard[T]:
        """Return what a frame brings.

        Raises:
            MnemosError: the server refused the subscription, and would again.
        """
        message = _decoded(frame)
        kind = message.get("type")
        if kind == "ping":
            return Heard(reply=_message(type="pong"))
        if kind == "next":
            return self._next(message["payload"])
        if kind == "error":
            return self._refused(message["payload"])
        if kind == "complete":
            self.lost, self.over = True, self._ends
        return Heard()

    def closed(self, close: Close | None) -> None:
        """Note that a connection has ended.

        Raises:
            MnemosError: another one would end the same way.
        """
        if close and close.code in FATAL_CLOSES:
            reason = close.reason or "it gave no reason"
            raise FATAL_CLOSES[close.code](f"{self._wire.url} closed the subscription: {reason}.")

    def not_let_in(self, status: int) -> None:
        """Note that no connection came about.

        Raises:
            MnemosError: the next attempt would end the same way.
        """
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise Unauthenticated(
                f"{self._wire.url} does not let this client in. Give a key in MNEMOS_API_KEY."
            )
        if status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS:
            raise ServerFault(
                f"{self._wire.url} answered a WebSocket with status {status}. "
                "Is it a Mnemos server?"
            )

    def pause(self) -> float:
        """Return how many seconds to wait before the next connection, some more each time."""
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self._attempts)
        self._attempts = min(self._attempts + 1, 10)
        return random.uniform(longest / 2, longest)  # noqa: S311 - it spreads load, no more

    def _credentials(self) -> dict[str, str]:
        key = self._wire.api_key
        return {"authorization": f"Bearer {key}"} if key else {}

    def _next(self, payload: Mapping[str, Any]) -> Heard[T]:
        if errors := payload.get("errors"):
            return self._refused(errors)
        item = self._wire.answer(self._call, payload["data"])
        self._attempts = 0
        if isinstance(item, ChangePage):
            self._after = item.position
        elif isinstance(item, WatchHit):
            self._behind = item.position
        elif isinstance(item, RecallResult):
            told = [(hit.memory.id, hit.memory.version) for hit in item.hits], item.degraded
            if told == self._last:
                return Heard()
            self._last = told
        return Heard(item=item)

    def _refused(self, errors: Any) -> Heard[T]:
        error = of(errors)
        if not error.retryable:
            raise error
        self.lost = True
        return Heard()


def _message(**parts: object) -> str:
    return msgspec.json.encode(parts).decode()


def _decoded(frame: str | bytes) -> Mapping[str, Any]:
    try:
        message: Mapping[str, Any] = msgspec.json.decode(frame, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError) as strange:
        raise ServerFault("The server sent what is no graphql-transport-ws message.") from strange
    return message
