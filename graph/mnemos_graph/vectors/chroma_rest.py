"""What Chroma's server is asked over HTTP: with timeouts, a few more tries, and a circuit breaker.

This speaks the documented REST interface (v2) itself. Chroma's own client would load all of Chroma
into the process (a second, 43 MB), waits without a limit, and has no asynchronous way to be told
which connection failed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import httpx
import msgspec

from mnemos_graph.breaker import Breaker
from mnemos_graph.errors import BadInput, MnemosError, Unavailable

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
"""How long somebody waits who has asked a question."""
WORK_SECONDS = 30.0
"""How long work behind the scenes may take."""
OLDEST = 1
"""The major version of the interface that is needed."""
_WAITS = (0.1, 0.5)
_TRIED_ELSEWHERE = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
"""A connection that was kept from before and has ended since."""
_CONNECTIONS = httpx.Limits(max_connections=20, keepalive_expiry=30)
_COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"


class Missing(Exception):
    """What was asked for is not there."""


class _Unusable(Unavailable):
    """The server answers, and will not do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is, and what opens it. Its text never shows the token."""

    base: str
    token: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Take a URL apart: ``http://host:8000`` or ``https://[token@]host``.

        Raises:
            BadInput: it is no such URL.
        """
        wanted = "Give http://HOST:PORT, or https://TOKEN@HOST where a token is asked for."
        try:
            parts = urlsplit(url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError as wrong:
            raise BadInput(f"That is no URL of a Chroma server. {wanted}") from wrong
        extra = parts.path.strip("/") or parts.query or parts.fragment
        if parts.scheme not in {"http", "https"} or not parts.hostname or extra:
            raise BadInput(f"That is no URL of a Chroma server. {wanted}")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        token = unquote(parts.password or parts.username or "")
        return cls(f"{parts.scheme}://{host}{port}", token)

    def __repr__(self) -> str:
        return f"Address({self.base!r})"


class ChromaRest:
    """Every request that the vector store makes. Made by ``chroma_rest``."""

    def __init__(self, client: httpx.AsyncClient, where: str, breaker: Breaker) -> None:
        self._client = client
        self._where = where
        self.breaker = breaker

    async def check(self) -> None:
        """Look whether a server that we can use answers.

        Raises:
            Unavailable: none answers.
            BadInput: it wants another token, or is too old; the message says what to do.
        """
        try:
            version = await self.ask("GET", "/api/v2/version", seconds=ANSWER_SECONDS)
            major = str(version).partition(".")[0]
            if not major.isdecimal() or int(major) < OLDEST:
                raise self._no_chroma()
            await self.ask("GET", "/api/v2/auth/identity", seconds=ANSWER_SECONDS)
        except Missing as missing:
            raise BadInput(str(self._no_chroma())) from missing
        except _Unusable as unusable:
            raise BadInput(str(unusable)) from unusable

    async def ping(self) -> None:
        """See whether the server answers now, whatever the breaker thinks.

        Raises:
            Unavailable: it does not.
        """
        await self._answer("GET", "/api/v2/heartbeat", None, ANSWER_SECONDS)

    async def collections(self, method: str, path: str = "", body: object = None) -> Any:
        """Do work on the collections, trying again: each request may be made twice.

        Raises:
            Missing: there is no such collection.
            Unavailable: it cannot be done now.
        """
        return await self._persist(method, f"{_COLLECTIONS}{path}", body, _WAITS)

    async def answer(self, method: str, path: str, body: object = None) -> Any:
        """Ask about a collection for somebody who is waiting.

        Raises:
            Missing: there is no such collection.
            Unavailable: it cannot be answered now.
        """
        return await self.ask(method, f"{_COLLECTIONS}{path}", body, seconds=ANSWER_SECONDS)

    async def ask(
        self, method: str, path: str, body: object = None, *, seconds: float = WORK_SECONDS
    ) -> Any:
        try:
            return await self._guarded(method, path, body, seconds)
        except Unavailable as away:
            if not isinstance(away.__cause__, _TRIED_ELSEWHERE):
                raise
        return await self._guarded(method, path, body, seconds)

    async def _persist(self, method: str, path: str, body: object, waits: Sequence[float]) -> Any:
        for wait in waits:
            try:
                return await self.ask(method, path, body)
            except Unavailable as away:
                if not isinstance(away.__cause__, httpx.TransportError | httpx.HTTPStatusError):
                    raise
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        return await self.ask(method, path, body)

    async def _guarded(self, method: str, path: str, body: object, seconds: float) -> Any:
        with self.breaker.passing():
            answer = await self._answer(method, path, body, seconds)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise Missing
        if answer.is_error:
            raise self._refusal(answer)
        try:
            return msgspec.json.decode(answer.content)
        except msgspec.DecodeError as unreadable:
            raise self._no_chroma() from unreadable

    async def _answer(self, method: str, path: str, body: object, seconds: float) -> httpx.Response:
        """Return what it answered, if it could answer at all."""
        timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS, pool=ANSWER_SECONDS)
        content = None if body is None else msgspec.json.encode(body)
        try:
            answer = await self._client.request(method, path, content=content, timeout=timeout)
            if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                answer.raise_for_status()
        except httpx.HTTPStatusError as failure:
            raise Unavailable(
                f"Chroma at {self._where} failed with status {failure.response.status_code}. "
                "Look at its log if that goes on."
            ) from failure
        except httpx.TransportError as failure:
            raise Unavailable(
                f"Chroma at {self._where} does not answer ({type(failure).__name__}). "
                "Start it, or correct the address."
            ) from failure
        return answer

    def _no_chroma(self) -> Unavailable:
        return _Unusable(
            f"What answers at {self._where} is not Chroma {OLDEST}.0 or later. "
            "Update the server, or correct the address."
        )

    def _refusal(self, answer: httpx.Response) -> MnemosError:
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            return _Unusable(
                f"Chroma at {self._where} does not let us in (status {answer.status_code}). "
                "Put the token that it wants before the host: https://TOKEN@HOST."
            )
        if b"dimension" in answer.content:
            return Unavailable(
                f"A collection of Chroma at {self._where} has vectors of another dimension "
                "than the embedder. Run `mnemos reindex`, which makes it anew."
            )
        return Unavailable(
            f"Chroma at {self._where} refuses a request (status {answer.status_code}). "
            "Look whether its version is one that Mnemos supports."
        )


@asynccontextmanager
async def chroma_rest(url: str) -> AsyncGenerator[ChromaRest, None]:
    """Be ready to ask the server at ``url``; nothing is asked yet.

    Raises:
        BadInput: that is no URL of one.
    """
    address = Address.of(url)
    headers = {"Content-Type": "application/json"}
    if address.token:
        headers |= {"Authorization": f"Bearer {address.token}", "X-Chroma-Token": address.token}
    async with httpx.AsyncClient(
        base_url=address.base, headers=headers, limits=_CONNECTIONS
    ) as client:
        yield ChromaRest(client, address.base, Breaker(f"Chroma at {address.base}"))
