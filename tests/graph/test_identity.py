"""API keys open their organization, until they are revoked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mnemos_graph.directory import Role
from mnemos_graph.errors import BadInput, Forbidden, NotFound, Unauthenticated
from mnemos_graph.identity import LOCAL, REMEMBERED_SECONDS, Keys
from mnemos_graph.model import SHARED, OrganizationId
from tests.conformance.memory_directory import MemoryDirectory


class Tick:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 1.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def directory() -> MemoryDirectory:
    return MemoryDirectory()


@pytest.fixture
def tick() -> Tick:
    return Tick()


@pytest.fixture
def keys(directory: MemoryDirectory, tick: Tick) -> Keys:
    return Keys(directory, lambda: datetime.now(UTC), tick)


async def test_a_key_opens_its_organization(keys: Keys) -> None:
    acme = await keys.organization("Acme")
    new = await keys.create(acme.id, "laptop")
    caller = await keys.caller(new.secret)
    assert caller.access.organization == acme.id
    assert caller.access.actor == f"key:{new.key.id}"
    assert caller.permissions == ("read", "write", "reveal")


async def test_what_is_kept_of_a_key_does_not_tell_it(keys: Keys) -> None:
    new = await keys.create(LOCAL.id, "laptop")
    assert len(new.secret) == len("mnemos_") + 32
    assert new.secret.removeprefix("mnemos_") not in repr(await keys.of(LOCAL.id))


async def test_a_reader_writes_nowhere(keys: Keys) -> None:
    caller = await keys.caller((await keys.create(LOCAL.id, "dashboard", Role.READER)).secret)
    assert caller.access.may_read(SHARED)
    assert not caller.access.may_write(SHARED)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.READER])
async def test_only_an_admin_may_administrate(keys: Keys, role: Role) -> None:
    (await keys.caller((await keys.create(LOCAL.id, "a", Role.ADMIN)).secret)).require("admin")
    with pytest.raises(Forbidden, match="'admin'"):
        (await keys.caller((await keys.create(LOCAL.id, "b", role)).secret)).require("admin")


@pytest.mark.parametrize("secret", ["", "mnemos_", "mnemos_" + "0" * 32, "\ud800", "é" * 39])
async def test_what_is_no_key_opens_nothing(keys: Keys, secret: str) -> None:
    with pytest.raises(Unauthenticated, match="unknown or revoked"):
        await keys.caller(secret)


async def test_a_revoked_key_opens_nothing_from_then_on(keys: Keys) -> None:
    new = await keys.create(LOCAL.id, "laptop")
    await keys.caller(new.secret)
    await keys.revoke(LOCAL.id, new.key.id)
    with pytest.raises(Unauthenticated):
        await keys.caller(new.secret)


async def test_a_key_that_another_process_revoked_closes_within_seconds(
    keys: Keys, directory: MemoryDirectory, tick: Tick
) -> None:
    new = await keys.create(LOCAL.id, "laptop")
    await keys.caller(new.secret)
    await directory.revoke_key(LOCAL.id, new.key.id, datetime.now(UTC))
    tick.seconds += REMEMBERED_SECONDS
    with pytest.raises(Unauthenticated):
        await keys.caller(new.secret)


async def test_one_organization_cannot_end_the_key_of_another(keys: Keys) -> None:
    acme, globex = await keys.organization("Acme"), await keys.organization("Globex")
    new = await keys.create(acme.id, "laptop")
    with pytest.raises(NotFound):
        await keys.revoke(globex.id, new.key.id)
    await keys.caller(new.secret)


async def test_a_key_of_another_process_is_noticed(keys: Keys, directory: MemoryDirectory) -> None:
    assert not await keys.any_made()
    tick = Tick()
    tick.seconds = 0
    other = Keys(directory, lambda: datetime.now(UTC), tick)
    assert not await other.any_made()
    await keys.create(LOCAL.id, "laptop")
    assert await keys.any_made()
    tick.seconds += REMEMBERED_SECONDS
    assert await other.any_made()


async def test_an_organization_is_made_once(keys: Keys) -> None:
    assert await keys.organization("Acme") == await keys.organization("Acme")
    assert (await keys.organization("local")).id == LOCAL.id


@pytest.mark.parametrize("name", ["", "x" * 101, "a\0b"])
async def test_a_name_must_be_printable(keys: Keys, name: str) -> None:
    with pytest.raises(BadInput, match="A name has 1 to 100"):
        await keys.create(LOCAL.id, name)


async def test_an_organization_that_is_not_there_gets_no_key(keys: Keys) -> None:
    with pytest.raises(NotFound):
        await keys.create(OrganizationId("elsewhere"), "laptop")
