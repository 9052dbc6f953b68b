"""Organizations and API keys, in the same file as what belongs to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from mnemos_graph.directory import ApiKey, Organization, Role
from mnemos_graph.errors import Conflict, NotFound
from mnemos_graph.model import OrganizationId
from mnemos_graph.model.instants import instant, micros
from mnemos_graph.sqlite.database import Database

_ORGANIZATIONS = "SELECT id, name, created_at FROM directory_organization"
_KEYS = "SELECT id, organization, name, role, digest, created_at, revoked_at FROM api_key"


class SqliteDirectory:
    """A ``Directory`` in ``mnemos.db``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create_organization(self, organization: Organization) -> None:
        row = organization.id, organization.name, micros(organization.created_at)

        def insert(database: sqlite3.Connection) -> None:
            try:
                database.execute("INSERT INTO directory_organization VALUES (?, ?, ?)", row)
            except sqlite3.IntegrityError as clash:
                raise Conflict(
                    f"There is an organization {organization.name!r} already. Take another name."
                ) from clash

        await self._database.write(insert)

    async def organization(self, id: OrganizationId) -> Organization | None:
        found = await self._organizations("WHERE id = ?", id)
        return found[0] if found else None

    async def organization_named(self, name: str) -> Organization | None:
        found = await self._organizations("WHERE name = ?", name)
        return found[0] if found else None

    async def organizations(self) -> Sequence[Organization]:
        return await self._organizations("ORDER BY name")

    async def create_key(self, key: ApiKey) -> None:
        revoked_at = micros(key.revoked_at) if key.revoked_at else None
        row = (
            *(key.id, key.organization, key.name, key.role.value, key.digest),
            *(micros(key.created_at), revoked_at),
        )

        def insert(database: sqlite3.Connection) -> None:
            known = "SELECT 1 FROM directory_organization WHERE id = ?"
            if not database.execute(known, (key.organization,)).fetchone():
                raise NotFound("organization", key.organization)
            try:
                database.execute("INSERT INTO api_key VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            except sqlite3.IntegrityError as clash:
                raise Conflict("There is such a key already. Make another.") from clash

        await self._database.write(insert)

    async def valid_key(self, digest: str) -> ApiKey | None:
        found = await self._keys("WHERE digest = ? AND revoked_at IS NULL", digest)
        return found[0] if found else None

    async def keys(self, organization: OrganizationId) -> Sequence[ApiKey]:
        return await self._keys("WHERE organization = ? ORDER BY created_at, id", organization)

    async def revoke_key(self, organization: OrganizationId, id: str, at: datetime) -> ApiKey:
        def revoke(database: sqlite3.Connection) -> ApiKey:
            own = "WHERE organization = ? AND id = ?"
            row = database.execute(f"{_KEYS} {own}", (organization, id)).fetchone()
            if row is None:
                raise NotFound("key", id)
            key = _key(row)
            if key.revoked_at is None:
                database.execute(
                    f"UPDATE api_key SET revoked_at = ? {own}", (micros(at), *row[1::-1])
                )
                key = replace(key, revoked_at=at)
            return key

        return await self._database.write(revoke)

    async def _organizations(self, condition: str, *values: str) -> Sequence[Organization]:
        return await self._database.read(
            lambda database: [
                Organization(OrganizationId(id_), name, instant(created_at))
                for id_, name, created_at in database.execute(
                    f"{_ORGANIZATIONS} {condition}", values
                )
            ]
        )

    async def _keys(self, condition: str, *values: str) -> Sequence[ApiKey]:
        return await self._database.read(
            lambda database: [_key(row) for row in database.execute(f"{_KEYS} {condition}", values)]
        )


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
