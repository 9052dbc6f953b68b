"""What a directory promises: inherit all of it, and give an ``empty`` one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mnemos_graph.directory import ApiKey, Directory, Organization, Role
from mnemos_graph.errors import Conflict, NotFound
from mnemos_graph.model import OrganizationId

NOW = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = datetime(2026, 5, 2, tzinfo=UTC)
ACME = Organization(OrganizationId("o1"), "Acme", NOW)
GLOBEX = Organization(OrganizationId("o2"), "Globex", NOW)
KEY = ApiKey("k1", ACME.id, "laptop", Role.MEMBER, "ab" * 32, NOW)


class DirectorySuite:
    """Inherit, and give an ``empty`` fixture that yields a directory with nothing in it."""

    @pytest.fixture
    async def directory(self, empty: Directory) -> Directory:
        await empty.create_organization(GLOBEX)
        await empty.create_organization(ACME)
        return empty

    async def test_an_organization_is_found_by_id_and_by_name(self, directory: Directory) -> None:
        assert await directory.organization(ACME.id) == ACME
        assert await directory.organization_named("Globex") == GLOBEX
        assert await directory.organization_named("globex") is None
        assert await directory.organizations() == [ACME, GLOBEX]

    async def test_a_name_is_taken_once(self, directory: Directory) -> None:
        with pytest.raises(Conflict, match="Acme"):
            await directory.create_organization(Organization(OrganizationId("o3"), "Acme", NOW))
        assert len(await directory.organizations()) == 2

    async def test_a_key_is_found_by_its_digest_until_it_is_revoked(
        self, directory: Directory
    ) -> None:
        await directory.create_key(KEY)
        assert await directory.valid_key(KEY.digest) == KEY
        revoked = await directory.revoke_key(ACME.id, KEY.id, LATER)
        assert revoked.revoked_at == LATER
        assert await directory.valid_key(KEY.digest) is None
        assert await directory.keys(ACME.id) == [revoked]

    async def test_a_key_that_was_revoked_keeps_its_first_instant(
        self, directory: Directory
    ) -> None:
        await directory.create_key(KEY)
        await directory.revoke_key(ACME.id, KEY.id, NOW)
        assert (await directory.revoke_key(ACME.id, KEY.id, LATER)).revoked_at == NOW

    async def test_another_organizations_key_is_not_there(self, directory: Directory) -> None:
        await directory.create_key(KEY)
        assert await directory.keys(GLOBEX.id) == []
        with pytest.raises(NotFound):
            await directory.revoke_key(GLOBEX.id, KEY.id, NOW)
        assert await directory.valid_key(KEY.digest) == KEY

    async def test_a_key_needs_its_organization_and_a_digest_of_its_own(
        self, directory: Directory
    ) -> None:
        await directory.create_key(KEY)
        with pytest.raises(Conflict):
            await directory.create_key(ApiKey("k2", ACME.id, "copy", Role.ADMIN, KEY.digest, NOW))
        with pytest.raises(NotFound):
            await directory.create_key(
                ApiKey("k3", OrganizationId("o9"), "lost", Role.READER, "cd" * 32, NOW)
            )
