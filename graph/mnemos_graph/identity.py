"""Who is asking: API keys, made, known again and revoked.

A key is shown once, when it is made; what is kept of it is its SHA-256. It carries enough chance
that nobody finds another key with the same hash, so the hash needs no salt and can be looked up.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from mnemos_graph.directory import ApiKey, Directory, Organization, Role
from mnemos_graph.errors import BadInput, Conflict, Forbidden, Unauthenticated
from mnemos_graph.model import Access, OrganizationId, Partitions, new_id

LOCAL = Organization(OrganizationId("local"), "local", datetime.fromisoformat("2000-01-01T00Z"))
"""The organization of local mode, and of keys made without naming another one."""

LONGEST_NAME = 100
"""Characters in the name of a key or an organization."""

REMEMBERED_SECONDS = 2.0
"""How long a key that was found valid may be used without looking again."""

MOST_REMEMBERED = 10_000

_ALPHABET = string.digits + string.ascii_letters
_KEY = re.compile(r"mnemos_[0-9A-Za-z]{32}")
REVEAL = "reveal"
"""The permission to be shown in clear what the knowledge vault keeps."""
_PERMISSIONS = {
    Role.ADMIN: ("read", "write", REVEAL, "admin"),
    Role.MEMBER: ("read", "write", REVEAL),
    Role.READER: ("read",),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom the request's credentials belong to, and what they allow."""

    access: Access
    role: Role

    @property
    def permissions(self) -> tuple[str, ...]:
        return _PERMISSIONS[self.role]

    def require(self, permission: str) -> None:
        """Raise ``Forbidden`` unless the caller has this permission."""
        if permission not in self.permissions:
            raise Forbidden(
                f"This needs the permission {permission!r}, which the role {self.role.value!r} does "
                "not have. Use the key of an admin."
            )


LOCAL_CALLER = Caller(Access(LOCAL.id, "local"), Role.ADMIN)
"""Whoever reaches a program in local mode."""


class NewKey(NamedTuple):
    """A key as it is shown once."""

    key: ApiKey
    secret: str


class Keys:
    """Every API key of this installation. ``tick`` is a clock that never goes back, in seconds."""

    def __init__(
        self,
        directory: Directory,
        clock: Callable[[], datetime],
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._tick = tick
        self._remembered: dict[str, tuple[float, Caller]] = {}
        self._none_seen: float | None = None
        self._any = False

    async def caller(self, secret: str) -> Caller:
        """Return whom a key belongs to; what it says may be ``REMEMBERED_SECONDS`` old.

        Raises:
            Unauthenticated: there is no such key, or it is revoked.
        """
        digest = _digest(secret)
        seen, caller = self._remembered.get(digest, (0.0, None))
        if caller and self._tick() - seen < REMEMBERED_SECONDS:
            return caller
        key = await self._directory.valid_key(digest) if _KEY.fullmatch(secret) else None
        if key is None:
            self._remembered.pop(digest, None)
            raise Unauthenticated(
                "This API key is unknown or revoked. Make one with `mnemos keys create`."
            )
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        caller = _caller(key)
        self._remembered[digest] = self._tick(), caller
        return caller

    async def any_made(self) -> bool:
        """Return whether any key was ever made; a no may be ``REMEMBERED_SECONDS`` old."""
        fresh = self._none_seen is not None and self._tick() - self._none_seen < REMEMBERED_SECONDS
        if self._any or fresh:
            return self._any
        for organization in await self._directory.organizations():
            if await self._directory.keys(organization.id):
                self._any = True
        self._none_seen = self._tick()
        return self._any

    async def organization(self, name: str) -> Organization:
        """Return the organization with this name, and make it where there is none.

        Raises:
            BadInput: the name is empty, too long, or cannot be printed.
        """
        if found := await self._directory.organization_named(_name(name)):
            return found
        new = LOCAL if name == LOCAL.name else None
        new = new or Organization(OrganizationId(new_id()), name, self._clock())
        try:
            await self._directory.create_organization(new)
        except Conflict:  # somebody else made it meanwhile
            return await self._directory.organization_named(name) or new
        return new

    async def create(
        self, organization: OrganizationId, name: str, role: Role = Role.MEMBER
    ) -> NewKey:
        """Make a key. From now on this installation is in local mode no more.

        Raises:
            BadInput: the name is empty, too long, or cannot be printed.
            NotFound: there is no such organization.
        """
        if organization == LOCAL.id:
            await self.organization(LOCAL.name)
        secret = "mnemos_" + "".join(secrets.choice(_ALPHABET) for _ in range(32))
        key = ApiKey(new_id(), organization, _name(name), role, _digest(secret), self._clock())
        await self._directory.create_key(key)
        self._any = True
        return NewKey(key, secret)

    async def of(self, organization: OrganizationId) -> Sequence[ApiKey]:
        """Return the organization's keys, revoked ones too, oldest first."""
        return await self._directory.keys(organization)

    async def revoke(self, organization: OrganizationId, id: str) -> ApiKey:
        """End a key. It opens nothing new from now on, and what it had opened soon closes.

        Raises:
            NotFound: the organization has no such key.
        """
        key = await self._directory.revoke_key(organization, id, self._clock())
        self._remembered.pop(key.digest, None)
        return key


def _caller(key: ApiKey) -> Caller:
    writes = Partitions.NONE if key.role is Role.READER else Partitions.ALL
    return Caller(Access(key.organization, f"key:{key.id}", writes=writes), key.role)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _name(name: str) -> str:
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadInput(f"A name has 1 to {LONGEST_NAME} characters that can be printed.")
    return name
