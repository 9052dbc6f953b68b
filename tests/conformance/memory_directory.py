"""The reference of a ``Directory``: what it promises, in a few dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mnemos_graph.directory import ApiKey, Organization
from mnemos_graph.errors import Conflict, NotFound
from mnemos_graph.model import OrganizationId


class MemoryDirectory:
    def __init__(self) -> None:
        self._organizations: dict[OrganizationId, Organization] = {}
        self._keys: dict[str, ApiKey] = {}

    async def create_organization(self, organization: Organization) -> None:
        taken = organization.id in self._organizations
        if taken or await self.organization_named(organization.name):
            raise Conflict(f"There is an organization {organization.name!r} already.")
        self._organizations[organization.id] = organization

    async def organization(self, id: OrganizationId) -> Organization | None:
        return self._organizations.get(id)

    async def organization_named(self, name: str) -> Organization | None:
        found = [each for each in self._organizations.values() if each.name == name]
        return found[0] if found else None

    async def organizations(self) -> Sequence[Organization]:
        return sorted(self._organizations.values(), key=lambda each: each.name)

    async def create_key(self, key: ApiKey) -> None:
        if key.organization not in self._organizations:
            raise NotFound("organization", key.organization)
        if key.id in self._keys or any(key.digest == each.digest for each in self._keys.values()):
            raise Conflict("There is such a key already.")
        self._keys[key.id] = key

    async def valid_key(self, digest: str) -> ApiKey | None:
        for key in self._keys.values():
            if key.digest == digest and key.revoked_at is None:
                return key
        return None

    async def keys(self, organization: OrganizationId) -> Sequence[ApiKey]:
        own = [key for key in self._keys.values() if key.organization == organization]
        return sorted(own, key=lambda key: (key.created_at, key.id))

    async def revoke_key(self, organization: OrganizationId, id: str, at: datetime) -> ApiKey:
        key = self._keys.get(id)
        if key is None or key.organization != organization:
            raise NotFound("key", id)
        self._keys[id] = replace(key, revoked_at=key.revoked_at or at)
        return self._keys[id]
