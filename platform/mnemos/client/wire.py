"""How calls travel: the address, the headers, and what a response means. No I/O."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import msgspec

from mnemos.client.call import Call
from mnemos.client.problems import ServerFault, Unreachable, of
from mnemos.client.seen import Seen
from mnemos_graph.errors import BadInput, MnemosError, TimedOut

T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8080"
DEFAULT_TIMEOUT = 30.0
"""Seconds that one operation may take; a server ends its own after 10."""
LARGEST_MESSAGE = 67_108_864
"""Bytes of one message that a subscription may bring."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One client's end of the API.

    Raises:
        BadInput: the URL is none of http or https.
    """

    url: str
    """Of the server, without a path's end: ``http://127.0.0.1:8080``."""
    api_key: str | None
    seen: Seen = field(default_factory=Seen)

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise BadInput(f"{self.url!r} is no server's URL. Give one such as {DEFAULT_URL}.")

    @classmethod
    def to(cls, url: str | None, api_key: str | None) -> Wire:
        """Return the wire to a server: as given, else as the environment says."""
        address = url or os.environ.get("MNEMOS_URL") or DEFAULT_URL
        return cls(address.rstrip("/"), api_key or os.environ.get("MNEMOS_API_KEY"))

    @property
    def socket_url(self) -> str:
        return f"ws{self.url.removeprefix('http')}/graphql"

    @property
    def credentials(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    @property
    def headers(self) -> dict[str, str]:
        after = {"Mnemos-After": self.seen.position} if self.seen.position else {}
        return self.credentials | after

    def body(self, document: str, variables: Mapping[str, Any]) -> bytes:
        return msgspec.json.encode({"query": document, "variables": variables})

    def data(self, response: httpx.Response) -> Mapping[str, Any]:
        """Return a response's data.

        Raises:
            MnemosError: the server refused or broke, by its code.
        """
        try:
            answer = msgspec.json.decode(response.content)
            if errors := answer.get("errors"):
                raise of(errors)
            data: Mapping[str, Any] = answer["data"]
        except (msgspec.DecodeError, AttributeError, KeyError) as strange:
            raise ServerFault(
                f"{self.url} answered with status {response.status_code} and no GraphQL. "
                "Is it a Mnemos server?"
            ) from strange
        return data

    def answer(self, call: Call[T], data: Mapping[str, Any]) -> T:
        """Return the answer to ``call`` and remember the position that it was given at."""
        answer = call.read(data)
        self.seen.note(getattr(answer, "position", None))
        if call.answer == "position" and isinstance(answer, str):
            self.seen.note(answer)
        return answer

    def failed(self, failure: httpx.HTTPError | httpx.InvalidURL | OSError) -> MnemosError:
        """Return what a failure below HTTP means for the caller."""
        if isinstance(failure, httpx.TimeoutException):
            return TimedOut(f"{self.url} did not answer in time. Ask for less, or try again.")
        return Unreachable(
            f"No Mnemos answers at {self.url}. Start one with `mnemos serve`, or name another "
            "in MNEMOS_URL."
        )
