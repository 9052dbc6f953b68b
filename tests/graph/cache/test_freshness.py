"""How old an answer of the cache may be."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from mnemos_graph.errors import Conflict, Unavailable
from mnemos_graph.feed import LocalBus
from mnemos_graph.model import Entity, Head, Memory, Position
from mnemos_graph.store import ChangeSet, Delete, Equal, Erase, Find, Put
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, entity, memory
from tests.graph.cache.processes import Clock, DeafBus, Process, process

ENTITIES = Find(Entity, (Equal("user_id", "ann"),))


async def names(here: Process) -> list[str]:
    (page,) = await here.cache.store.find(ACME, [ENTITIES])
    return [each.name for each in page.records]


async def text(here: Process, kept: Memory) -> str | None:
    found = await here.cache.store.get(ACME, Memory, [kept.id])
    return found[kept.id].text if found else None


async def test_what_this_process_wrote_is_seen_at_once(here: Process) -> None:
    kept = memory("first")
    await here.write(kept)
    assert await text(here, kept) == "first"
    await here.cache.store.commit(ACME, ChangeSet((Put(replace(kept, text="second", version=2)),)))
    assert await text(here, kept) == "second"
    await here.cache.store.commit(ACME, ChangeSet((Delete(kept.KIND, kept.id, 2),)))
    assert await text(here, kept) is None


async def test_what_this_process_wrote_need_not_be_read(here: Process) -> None:
    kept = memory("first")
    await here.write(kept)
    await here.cache.store.heads([ACME])
    here.store.calls.clear()
    assert await text(here, kept) == "first"
    assert here.store.calls == []


async def test_what_another_process_wrote_is_seen_after_its_hint(
    here: Process, there: Process
) -> None:
    kept, ann = memory("first"), entity("Ann")
    await there.write(kept, ann)
    await here.warm(lambda: asyncio.gather(text(here, kept), names(here)))
    await there.write(replace(kept, text="second", version=2), replace(ann, name="Anna", version=2))
    assert (await text(here, kept), await names(here)) == ("second", ["Anna"])


async def test_without_a_hint_it_is_seen_within_two_seconds(
    inner: MemoryStore, clock: Clock
) -> None:
    kept = memory("first")
    async with process(inner, DeafBus(), clock) as here, process(inner, DeafBus(), clock) as there:
        await there.write(kept)
        await here.feed.check([ACME.organization])
        await here.warm(lambda: text(here, kept))
        assert (await text(here, kept), here.store.calls) == ("first", [])
        await there.write(replace(kept, text="second", version=2))
        clock.move(2)
        assert await text(here, kept) == "second"


async def test_while_the_store_is_away_nothing_older_than_two_seconds_is_answered(
    here: Process, clock: Clock
) -> None:
    kept = memory()
    await here.write(kept)
    await here.warm(lambda: text(here, kept))
    here.store.away = True
    clock.move(1.9)
    assert await text(here, kept)
    clock.move(0.1)
    with pytest.raises(Unavailable):
        await text(here, kept)
    with pytest.raises(Unavailable):
        await here.cache.store.heads([ACME])
    here.store.away = False
    assert await text(here, kept)


async def test_whoever_lost_a_race_reads_what_is_there_now(
    inner: MemoryStore, clock: Clock
) -> None:
    kept = memory("first")
    async with process(inner, DeafBus(), clock) as here, process(inner, DeafBus(), clock) as there:
        await here.write(kept)
        await here.warm(lambda: text(here, kept))
        await there.write(replace(kept, text="theirs", version=2))
        assert await text(here, kept) == "first"
        with pytest.raises(Conflict):
            await here.write(replace(kept, text="ours", version=2))
        assert await text(here, kept) == "theirs"


async def test_whoever_decides_reads_nothing_older_than_the_beginning(
    inner: MemoryStore, clock: Clock
) -> None:
    kept = memory("first")
    async with process(inner, DeafBus(), clock) as here, process(inner, DeafBus(), clock) as there:
        await here.write(kept)
        await here.warm(lambda: text(here, kept))
        await there.write(replace(kept, text="theirs", version=2))
        assert await here.cache.deciding.heads([ACME]) == [Head(1, Position(2))]
        assert (await here.cache.deciding.get(ACME, Memory, [kept.id]))[kept.id].text == "theirs"


async def test_what_is_erased_is_no_longer_kept(here: Process, there: Process) -> None:
    gone, stays = memory("secret"), entity("Ann")
    await here.write(gone, stays)
    await here.warm(lambda: asyncio.gather(text(here, gone), names(here)))
    await there.commit(Erase(gone.KIND, gone.id))
    assert await text(here, gone) is None
    assert here.cache.nbytes == 0
    log = await here.cache.store.changes(ACME)
    assert [each.subject_id for each in log] == ["", stays.id, ""]


async def test_an_erased_record_that_is_being_read_is_not_kept(
    here: Process, there: Process
) -> None:
    gone = memory("secret")
    await there.write(gone)
    here.store.delays = lambda: 20
    reading = asyncio.create_task(text(here, gone))
    await asyncio.sleep(0)
    await there.commit(Erase(gone.KIND, gone.id))
    here.store.delays = lambda: 0
    await reading
    await here.cache.settle()
    assert (await text(here, gone), here.cache.nbytes) == (None, 0)


class Restored(MemoryStore):
    """Goes back behind its last change, as a restore does."""

    epoch = 1

    async def heads(self, accesses, *, at=None):  # type: ignore[no-untyped-def]
        found = await super().heads(accesses, at=at)
        return [Head(self.epoch, each.position, Position(0)) for each in found]

    def restore(self, to: int) -> None:
        self.epoch += 1
        held = self._organizations[ACME.organization]
        del held.log[to:]
        for versions in held.versions.values():
            versions[:] = [each for each in versions if each.born <= to]


async def test_another_epoch_begins_with_nothing(bus: LocalBus, clock: Clock) -> None:
    inner, kept = Restored(), memory("first")
    async with process(inner, bus, clock) as here:
        await here.write(kept)
        await here.write(replace(kept, text="lost", version=2))
        await here.warm(lambda: text(here, kept))
        inner.restore(to=1)
        clock.move(2)
        assert await text(here, kept) == "first"
        assert (await here.cache.store.heads([ACME]))[0] == Head(2, Position(1))


async def test_a_position_of_another_process_is_waited_for(
    inner: MemoryStore, clock: Clock
) -> None:
    kept = memory("first")
    async with process(inner, DeafBus(), clock) as here, process(inner, DeafBus(), clock) as there:
        await here.write(kept)
        await here.warm(lambda: text(here, kept))
        told = await there.write(replace(kept, text="second", version=2))
        await here.cache.wait_for(ACME.organization, told)
        assert await text(here, kept) == "second"


async def test_a_position_that_does_not_come_is_unavailable(
    here: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnemos_graph.cache.following.PATIENCE_SECONDS", 0.1)
    with pytest.raises(Unavailable):
        await here.cache.wait_for(ACME.organization, Position(9))
