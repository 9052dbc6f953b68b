"""Memories that are pinned stay, and still obey whoever names them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mnemos_graph.errors import BadInput, Conflict, NotFound
from mnemos_graph.feed import Journal
from mnemos_graph.memory.expiring import Expiring
from mnemos_graph.memory.jobs.jobs import Jobs
from mnemos_graph.memory.kinds.pinning import PINNED, Pinning
from mnemos_graph.memory.records.memories import Memories, MemoryChange, NewMemory
from mnemos_graph.model import Memory, OrganizationId, RecordId
from tests.conformance.samples import ACME, ANN, GLOBEX, day
from tests.graph.memory.conftest import Calendar
from tests.graph.stores import EVERY_STORE

pytestmark = EVERY_STORE


@pytest.fixture
def pinning(journal: Journal, clock: Calendar) -> Pinning:
    return Pinning(journal, clock)


async def kept(memories: Memories, **given: object) -> Memory:
    new = NewMemory(**({"text": "Ann is allergic to nuts", "scope": ANN} | given))  # type: ignore[arg-type]
    return (await memories.create(ACME, new)).record


async def test_what_is_pinned_never_expires(
    memories: Memories, pinning: Pinning, journal: Journal, jobs: Jobs, clock: Calendar
) -> None:
    before = await kept(memories, expires_at=day(1))
    pinned = (await pinning.pin(ACME, before.id)).record
    assert (pinned.pinned, pinned.expires_at, pinned.version) == (True, None, 2)

    async def acme() -> list[OrganizationId]:
        return [ACME.organization]

    clock.at += timedelta(days=2)
    assert await Expiring(journal, jobs, clock, acme).look() == 0
    (found,) = (await memories.list(ACME)).records
    assert found == pinned


async def test_the_history_says_that_it_was_pinned(memories: Memories, pinning: Pinning) -> None:
    before = await kept(memories)
    await pinning.pin(ACME, before.id)
    newest, _ = await memories.history(ACME, before.id)
    assert newest.reason == PINNED


async def test_pinning_twice_makes_one_version(memories: Memories, pinning: Pinning) -> None:
    before = await kept(memories)
    once, again = [await pinning.pin(ACME, before.id) for _ in range(2)]
    assert once.record == again.record
    loose = (await pinning.pin(ACME, before.id, pinned=False, expected_version=2)).record
    assert (loose.pinned, loose.version) == (False, 3)


async def test_what_is_pinned_takes_no_expiry_but_other_changes(
    memories: Memories, pinning: Pinning
) -> None:
    before = await kept(memories)
    await pinning.pin(ACME, before.id)
    with pytest.raises(BadInput, match="Unpin it first"):
        await memories.update(ACME, before.id, MemoryChange(expires_at=day(9)))
    after = (await memories.update(ACME, before.id, MemoryChange(text="Nuts: never"))).record
    assert (after.text, after.pinned) == ("Nuts: never", True)


async def test_what_is_pinned_can_be_deleted_by_its_id(
    memories: Memories, pinning: Pinning
) -> None:
    before = await kept(memories)
    await pinning.pin(ACME, before.id)
    assert (await memories.delete(ACME, before.id)).count == 1
    assert (await memories.restore(ACME, before.id)).record.pinned


async def test_only_what_is_there_can_be_pinned_and_at_the_version_that_is_expected(
    memories: Memories, pinning: Pinning
) -> None:
    before = await kept(memories)
    with pytest.raises(Conflict, match="version 1, not 2"):
        await pinning.pin(ACME, before.id, expected_version=2)
    for access, id_ in [(ACME, RecordId("unknown")), (GLOBEX, before.id)]:
        with pytest.raises(NotFound):
            await pinning.pin(access, id_)
