"""Who may use this Mnemos: organizations, and the API keys that open them.

The only part that is not bound to an ``Access``: identity makes one out of what it finds here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from mnemos_graph.model import OrganizationId


class Role(StrEnum):
    ADMIN = "admin"
    MEMBER = "member"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Organization:
    id: OrganizationId
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key. The key itself is shown once, when it is made."""

    id: str
    organization: OrganizationId
    name: str
    role: Role
    digest: str
    """SHA-256 of the key, 64 hex digits in lower case."""
    created_at: datetime
    revoked_at: datetime | None = None


class Directory(Protocol):
    async def create_organization(self, organization: Organization) -> None:
        """Keep a new organization.

        Raises:
            Conflict: another one has its name or id.
        """
        ...

    async def organization(self, id: OrganizationId) -> Organization | None: ...

    async def organization_named(self, name: str) -> Organization | None: ...

    async def organizations(self) -> Sequence[Organization]:
        """Return all of them, by name."""
        ...

    async def create_key(self, key: ApiKey) -> None:
        """Keep a new key.

        Raises:
            Conflict: there is one with its id or digest.
            NotFound: its organization is not there.
        """
        ...

    async def valid_key(self, digest: str) -> ApiKey | None:
        """Return the key with this digest, unless it is revoked."""
        ...

    async def keys(self, organization: OrganizationId) -> Sequence[ApiKey]:
        """Return the organization's keys, revoked ones too, oldest first."""
        ...

    async def revoke_key(self, organization: OrganizationId, id: str, at: datetime) -> ApiKey:
        """End a key and return it. One that was revoked before keeps its first instant.

        Raises:
            NotFound: the organization has no such key.
        """
        ...
