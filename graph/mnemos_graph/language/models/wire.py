"""JSON over HTTP to a provider: whole, or as a stream of events. Bounded, and with errors of ours."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, TypeVar

import httpx
import msgspec

from mnemos_graph.errors import Garbled, MnemosError, TimedOut, Unavailable
from mnemos_graph.language.models.events import data_of
from mnemos_graph.language.models.failing import refusal, waits

MOST_BYTES = 8 * 1024 * 1024
"""Of an answer. No model writes as much: what is longer is no answer."""
CONNECT_SECONDS = 5.0


class Sent(msgspec.Struct, kw_only=True):
    """What providers send. A field that they leave out has its default."""

    error: Any = None


S = TypeVar("S", bound=Sent)

Told = Callable[[Any], tuple[str, str, float | None]]
"""Reads words, kind and seconds to wait out of a provider's error, which may be anything."""


class Wire:
    """A provider at an address. Belongs to one event loop."""

    def __init__(
        self,
        part: str,
        at: str,
        *,
        headers: Mapping[str, str],
        told: Told,
        seconds: float,
        params: Mapping[str, str] | None = None,
    ) -> None:
        """``seconds``: how long nothing may come. Ended by ``close``."""
        self._part = part
        self._told = told
        self._client = httpx.AsyncClient(
            base_url=at,
            headers=dict(headers),
            params=dict(params or {}),
            timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=32),
        )

    async def get(self, path: str, form: type[S]) -> S:
        """Return what is at a path.

        Raises:
            MnemosError: as ``post``.
        """
        return await self._whole(self._client.build_request("GET", path), form)

    async def post(self, path: str, body: Mapping[str, Any], form: type[S]) -> S:
        """Return what answers ``body``.

        Raises:
            MnemosError: see ``LanguageModel.complete``.
        """
        return await self._whole(self._request(path, body), form)

    async def events(
        self, path: str, body: Mapping[str, Any], form: type[S]
    ) -> AsyncGenerator[S, None]:
        """Yield each event that answers ``body``; ``[DONE]`` ends them.

        Raises:
            MnemosError: as ``post``; also where the provider tells of a failure in the stream.
        """
        with self._failures():
            response = await self._client.send(self._request(path, body), stream=True)
            try:
                await self._check(response)
                async for data in data_of(self._bounded(response)):
                    if data == "[DONE]":
                        return
                    yield self._decoded(data.encode(), form)
            finally:
                await response.aclose()

    async def close(self) -> None:
        await self._client.aclose()

    def _request(self, path: str, body: Mapping[str, Any]) -> httpx.Request:
        headers = {"content-type": "application/json"}
        return self._client.build_request(
            "POST", path, content=msgspec.json.encode(body), headers=headers
        )

    async def _whole(self, request: httpx.Request, form: type[S]) -> S:
        with self._failures():
            response = await self._client.send(request, stream=True)
            try:
                await self._check(response)
                text = b"".join([each async for each in self._bounded(response)])
                return self._decoded(text, form)
            finally:
                await response.aclose()

    async def _check(self, response: httpx.Response) -> None:
        if response.status_code == HTTPStatus.OK:
            return
        text = b"".join([each async for each in self._bounded(response)])
        try:
            body = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            body = text.decode("utf-8", "replace")
        raise self._refusal(body, response.status_code, waits(response.headers))

    def _refusal(self, body: Any, status: int, after: float | None = None) -> MnemosError:
        words, kind, told_after = self._told(body)
        after = told_after if after is None else after
        return refusal(self._part, status, words, kind=kind, after=after)

    async def _bounded(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        came = 0
        async for chunk in response.aiter_bytes():
            came += len(chunk)
            if came > MOST_BYTES:
                raise Garbled(f"{self._part} answered more than {MOST_BYTES:,} bytes.")
            yield chunk

    def _decoded(self, text: bytes, form: type[S]) -> S:
        try:
            sent = msgspec.json.decode(text, type=form)
        except (msgspec.DecodeError, RecursionError) as wrong:
            raise Garbled(f"{self._part} answered what is no answer: {wrong}.") from wrong
        if sent.error:
            raise self._refusal({"error": sent.error}, _status_of(sent.error))
        return sent

    @contextmanager
    def _failures(self) -> Generator[None]:
        try:
            yield
        except httpx.TimeoutException as late:
            raise TimedOut(f"{self._part} did not answer in time.") from late
        except httpx.DecodingError as wrong:
            raise Garbled(f"{self._part} answered what cannot be unpacked.") from wrong
        except httpx.TransportError as away:
            raise Unavailable(f"{self._part} is away: {type(away).__name__}.") from away


def told_of(body: Any) -> tuple[str, str, float | None]:
    """Read an error as OpenAI writes it, and as those that are compatible nearly do."""
    error = body.get("error", body) if isinstance(body, Mapping) else body
    if not isinstance(error, Mapping):
        return str(error), "", None
    kinds = (error.get("code"), error.get("type"), error.get("status"))
    kind = " ".join(each for each in kinds if isinstance(each, str))
    inner = error.get("innererror") or error.get("inner_error")
    if isinstance(inner, Mapping):
        kind += f" {inner.get('code', '')}"
    return str(error.get("message", "")), kind, None


def _status_of(error: Any) -> int:
    code = error.get("code") if isinstance(error, Mapping) else None
    if isinstance(code, int) and code >= HTTPStatus.BAD_REQUEST:
        return code
    return HTTPStatus.INTERNAL_SERVER_ERROR
