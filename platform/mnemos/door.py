"""Who may come in: holders of a key, or in local mode whoever is on this machine.

Local mode holds while no key was ever made and only this machine can reach the program. It answers
no page of another site: neither one that names itself (Origin), nor one whose own name was made to
point here (Host).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from mnemos.rates import Buckets, SharedRate
from mnemos.settings import Settings
from mnemos_graph.errors import Forbidden, Unauthenticated
from mnemos_graph.identity import LOCAL_CALLER, Caller, Keys

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
BURST_OF_SECONDS = 2
"""What callers without a key may ask at once, in seconds of their rate."""


class Reach(Enum):
    """From where requests can come."""

    PROCESS = "this process"
    """Whoever opened the data folder may do anything with it, with no key."""
    MACHINE = "this machine"
    ANYWHERE = "anywhere"


class Door:
    def __init__(
        self, keys: Keys, settings: Settings, reach: Reach, buckets: Buckets | None = None
    ) -> None:
        """``buckets``: those of all processes that answer for the same memory."""
        self._keys = keys
        self._reach = reach
        self._of_key = SharedRate("key", settings.key_rate, settings.key_rate, buckets)
        self._of_address = SharedRate(
            "address", settings.address_rate, settings.address_rate * BURST_OF_SECONDS, buckets
        )

    async def is_local(self) -> bool:
        """Return whether this is local mode now."""
        if self._reach is Reach.MACHINE:
            return not await self._keys.any_made()
        return self._reach is Reach.PROCESS

    async def caller(self, secret: str | None) -> Caller:
        """Return whom a key belongs to; without one, in local mode, this machine's user.

        Raises:
            Unauthenticated: there is no such key, or one is needed.
        """
        if secret is not None:
            return await self._keys.caller(secret)
        if await self.is_local():
            return LOCAL_CALLER
        raise Unauthenticated(
            "This needs an API key: send it as `Authorization: Bearer KEY` or as `X-API-Key`. "
            "`mnemos keys create` makes one."
        )

    async def admit(self, connection: HTTPConnection, secret: str | None) -> Caller:
        """Return who asks, and count the request.

        Raises:
            Unauthenticated: as ``caller`` says.
            RateLimited: it is one request too many.
        """
        try:
            caller = await self.caller(secret)
        except Unauthenticated:
            await self._of_address.take(connection.client.host if connection.client else "")
            raise
        await self.count(caller)
        return caller

    async def count(self, caller: Caller, requests: int = 1) -> None:
        """Count requests of somebody who was admitted before.

        Raises:
            RateLimited: it is one too many.
        """
        if caller is not LOCAL_CALLER:
            # Taken side by side, they are one question to the buckets of all processes.
            takes = [self._of_key.take(caller.access.actor) for _ in range(requests)]
            await (asyncio.gather(*takes) if requests > 1 else takes[0])


def secret_of(headers: Mapping[str, str], params: Mapping[str, Any] | None = None) -> str | None:
    """Return the key of a request: in the payload of connection_init, else in its headers.

    Raises:
        Unauthenticated: it is given in a way that is not ours.
    """
    given = {name.lower(): value for name, value in (params or {}).items()}
    for source in (given, headers):
        if authorization := source.get("authorization"):
            return _bearer(authorization)
        if key := source.get("x-api-key") or source.get("apikey"):
            return str(key)
    return None


def _bearer(authorization: object) -> str:
    scheme, _, secret = str(authorization).strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("Send the API key as `Authorization: Bearer KEY`.")
    return secret.strip()


def check_site(headers: Mapping[str, list[str]]) -> None:
    """Refuse what a page of another site sends, in local mode.

    Raises:
        Forbidden: Host is no name of this machine, or Origin is another than it.
    """
    hosts, origins = headers.get("host", []), headers.get("origin", [])
    if len(hosts) != 1 or _name(hosts[0]) not in LOCAL_NAMES:
        raise Forbidden(
            "In local mode Mnemos answers only to http://localhost, http://127.0.0.1 and "
            "http://[::1]. Use one of these, or make an API key with `mnemos keys create`."
        )
    if any(origin.lower() not in _origins(hosts[0]) for origin in origins):
        raise Forbidden("In local mode Mnemos answers no page of another site.")


def _origins(host: str) -> tuple[str, str]:
    return f"http://{host.lower()}", f"https://{host.lower()}"


def _name(host: str) -> str | None:
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    return parts.hostname if parts.netloc == host and "@" not in host else None
