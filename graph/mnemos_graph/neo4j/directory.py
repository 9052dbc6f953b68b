"""Organizations and API keys, in the same database as what belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from neo4j.exceptions import ConstraintError

from mnemos_graph.directory import ApiKey, Organization, Role
from mnemos_graph.errors import Conflict, NotFound
from mnemos_graph.model import OrganizationId
from mnemos_graph.model.instants import instant, micros
from mnemos_graph.neo4j.bolt import Bolt

_ORGANIZATION = "RETURN o.id, o.name, o.created_at"
_KEY = "RETURN k.id, k.organization, k.name, k.role, k.digest, k.created_at, k.revoked_at"


class Neo4jDirectory:
    """A ``Directory`` in Neo4j."""

    def __init__(self, bolt: Bolt) -> None:
        self._bolt = bolt

    async def create_organization(self, organization: Organization) -> None:
        held = {
            "id": organization.id,
            "name": organization.name,
            "created_at": micros(organization.created_at),
        }
        try:
            await self._bolt.write_once(
                "CREATE (o:DirectoryOrganization) SET o = $held", {"held": held}
            )
        except ConstraintError as clash:
            raise Conflict(
                f"There is an organization {organization.name!r} already. Take another name."
            ) from clash

    async def organization(self, id: OrganizationId) -> Organization | None:
        return await self._organization("MATCH (o:DirectoryOrganization {id: $given})", id)

    async def organization_named(self, name: str) -> Organization | None:
        return await self._organization("MATCH (o:DirectoryOrganization {name: $given})", name)

    async def organizations(self) -> Sequence[Organization]:
        rows = await self._bolt.read(f"MATCH (o:DirectoryOrganization) {_ORGANIZATION}", {})
        return sorted(map(_organization, rows), key=lambda each: each.name)

    async def create_key(self, key: ApiKey) -> None:
        held = {
            "id": key.id,
            "organization": key.organization,
            "name": key.name,
            "role": key.role.value,
            "digest": key.digest,
            "created_at": micros(key.created_at),
            "revoked_at": micros(key.revoked_at) if key.revoked_at else None,
        }
        known = "MATCH (o:DirectoryOrganization {id: $held.organization})"
        try:
            made = await self._bolt.write_once(
                f"{known} CREATE (k:ApiKey) SET k = $held RETURN k.id", {"held": held}
            )
        except ConstraintError as clash:
            raise Conflict("There is such a key already. Make another.") from clash
        if not made:
            raise NotFound("organization", key.organization)

    async def valid_key(self, digest: str) -> ApiKey | None:
        found = "MATCH (k:ApiKey {digest: $digest}) WHERE k.revoked_at IS NULL"
        rows = await self._bolt.read(f"{found} {_KEY}", {"digest": digest})
        return _key(rows[0]) if rows else None

    async def keys(self, organization: OrganizationId) -> Sequence[ApiKey]:
        rows = await self._bolt.read(
            f"MATCH (k:ApiKey {{organization: $organization}}) {_KEY} ORDER BY k.created_at, k.id",
            {"organization": organization},
        )
        return list(map(_key, rows))

    async def revoke_key(self, organization: OrganizationId, id: str, at: datetime) -> ApiKey:
        rows = await self._bolt.write(
            "MATCH (k:ApiKey {id: $id}) WHERE k.organization = $organization "
            f"SET k.revoked_at = coalesce(k.revoked_at, $at) {_KEY}",
            {"organization": organization, "id": id, "at": micros(at)},
        )
        if not rows:
            raise NotFound("key", id)
        return _key(rows[0])

    async def _organization(self, found: str, given: str) -> Organization | None:
        rows = await self._bolt.read(f"{found} {_ORGANIZATION}", {"given": given})
        return _organization(rows[0]) if rows else None


def _organization(row: Sequence[Any]) -> Organization:
    id_, name, created_at = row
    return Organization(OrganizationId(id_), name, instant(created_at))


def _key(row: Sequence[Any]) -> ApiKey:
    id_, organization, name, role, digest, created_at, revoked_at = row
    return ApiKey(
        id_,
        OrganizationId(organization),
        name,
        Role(role),
        digest,
        instant(created_at),
        None if revoked_at is None else instant(revoked_at),
    )
