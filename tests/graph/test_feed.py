from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime
from typing import Any

import pytest

from mnemos_graph.errors import Unavailable
from mnemos_graph.feed import Feed, Journal, LocalBus
from mnemos_graph.feed import feed as feeding
from mnemos_graph.feed.bus import Hear, Missed
from mnemos_graph.model import START, Access, Change, Head, Position
from mnemos_graph.store import ChangeSet, Erase, Put
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, BOB, GLOBEX, memory

Positions = list[list[int]]


class DeafBus(LocalBus):
    """Loses every hint."""

    async def publish(self, *_: object) -> None:
        pass


class BrokenBus(DeafBus):
    """Loses every hint, and says so once it is mended."""

    def listen(self, hear: Hear, missed: Missed) -> Callable[[], None]:
        self.mend = missed
        return super().listen(hear, missed)


class WritesWhileBeingRead(MemoryStore):
    """Something is committed after the log was read, before the reader has the answer."""

    def __init__(self, bus: LocalBus) -> None:
        super().__init__()
        self._journal = Journal(self, bus)
        self.armed = False

    async def changes(
        self, access: Access, *, after: Position = START, limit: int = 100
    ) -> Sequence[Change]:
        seen = await super().changes(access, after=after, limit=limit)
        if self.armed:
            self.armed = False
            await self._journal.commit(ACME, ChangeSet((Put(memory("during")),)))
        return seen


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus()


@pytest.fixture
async def feed(store: MemoryStore, bus: LocalBus) -> AsyncIterator[Feed]:
    async with Feed(store, bus) as opened:
        yield opened


@pytest.fixture
def journal(store: MemoryStore, bus: LocalBus) -> Journal:
    return Journal(store, bus)


async def write(journal: Journal, count: int = 1, access: Access = ACME) -> None:
    await journal.commit(access, ChangeSet(tuple(Put(memory(str(n))) for n in range(count))))


async def pages(
    feed: Feed, until: int, access: Access = ACME, after: int | None = None
) -> Positions:
    """The positions of each page, the first one included, up to a position."""
    seen: Positions = []
    async with asyncio.timeout(5):
        async for page in feed.follow(access, None if after is None else Position(after)):
            seen.append([each.position for each in page.changes])
            if page.position >= until:
                break
    return seen


async def test_the_first_page_says_where_the_stream_starts(feed: Feed, journal: Journal) -> None:
    await write(journal, 3)
    stream = feed.follow(ACME)
    first = await anext(stream)
    assert (first.changes, first.position, first.has_more) == ((), 3, False)
    await write(journal)
    second = await anext(stream)
    assert [each.position for each in second.changes] == [4]


async def test_history_goes_over_into_live_without_a_seam(feed: Feed, journal: Journal) -> None:
    for _ in range(3):
        await write(journal)
    listening = asyncio.create_task(pages(feed, until=8, after=1))
    for _ in range(5):
        await asyncio.sleep(0)
        await write(journal)
    heard = [position for page in await listening for position in page]
    assert heard == [2, 3, 4, 5, 6, 7, 8]


async def test_a_change_committed_during_a_read_is_not_lost(bus: LocalBus) -> None:
    store = WritesWhileBeingRead(bus)
    journal = Journal(store, bus)
    async with Feed(store, bus) as feed:
        stream = feed.follow(ACME)
        await anext(stream)
        store.armed = True
        await write(journal)
        async with asyncio.timeout(0.9):
            heard = [each.position for each in (await anext(stream)).changes]
            while heard[-1] < 2:
                heard += [each.position for each in (await anext(stream)).changes]
    assert heard == [1, 2]


async def test_a_lost_hint_costs_a_delay_and_no_change(store: MemoryStore) -> None:
    bus = DeafBus()
    async with Feed(store, bus) as feed:
        listening = asyncio.create_task(pages(feed, until=2))
        await asyncio.sleep(0.05)
        await write(Journal(store, bus), 2)
        assert await listening == [[], [1, 2]]


async def test_who_may_have_missed_hints_looks_at_once(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "CHECK_SECONDS", 60)
    bus = BrokenBus()
    async with Feed(store, bus) as feed:
        listening = asyncio.create_task(pages(feed, until=2))
        await asyncio.sleep(0.05)
        await write(Journal(store, bus), 2)
        bus.mend()
        assert await listening == [[], [1, 2]]


async def test_listeners_of_one_organization_hear_nothing_of_another(
    feed: Feed, journal: Journal
) -> None:
    listening = asyncio.create_task(pages(feed, until=1, access=GLOBEX))
    await asyncio.sleep(0)
    await write(journal, 5)
    await write(journal, 1, access=GLOBEX)
    assert await listening == [[], [1]]


async def test_what_an_access_may_not_see_only_moves_the_position(
    feed: Feed, journal: Journal
) -> None:
    await journal.commit(ACME, ChangeSet((Put(memory("hers")),)))
    await journal.commit(ACME, ChangeSet((Put(memory("his", scope=BOB)),)))
    bobs = Access(ACME.organization, "bob", reads=frozenset({BOB.partition}))
    read = await feed.read(bobs, limit=1)
    assert (read.changes, read.position, read.has_more) == ((), 1, True)


async def test_a_page_holds_whole_change_sets_from_the_ring_too(
    feed: Feed, journal: Journal
) -> None:
    stream = feed.follow(ACME)
    await anext(stream)
    await write(journal, 499)
    await write(journal, 3)
    await asyncio.sleep(0.01)
    page = await anext(stream)
    assert (page.position, len(page.changes)) == (502, 502)


async def test_a_listener_behind_the_ring_reads_the_store(feed: Feed, journal: Journal) -> None:
    stream = feed.follow(ACME)
    await anext(stream)
    for _ in range(10):
        await write(journal, 1_000)
    seen: list[int] = []
    while len(seen) < 10_000:
        seen += [each.position for each in (await anext(stream)).changes]
    assert seen == list(range(1, 10_001))


async def test_closing_ends_every_listener(store: MemoryStore, bus: LocalBus) -> None:
    async with Feed(store, bus) as feed:
        listening = asyncio.create_task(pages(feed, until=99))
        await asyncio.sleep(0.01)
    assert await asyncio.wait_for(listening, 1) == [[]]


class Restorable(MemoryStore):
    """A store that can be away, and whose logs can be cut back to a position, in another epoch."""

    epoch = 1
    began = Position(0)
    away = False
    reads = 0

    async def heads(
        self, accesses: Collection[Access], *, at: datetime | None = None
    ) -> Sequence[Head]:
        if self.away:
            raise Unavailable("Gone. Come again.")
        heads = await super().heads(accesses, at=at)
        return [Head(self.epoch, each.position, self.began) for each in heads]

    async def changes(
        self, access: Access, *, after: Position = START, limit: int = 100
    ) -> Sequence[Change]:
        self.reads += 1
        if self.away:
            raise Unavailable("Gone. Come again.")
        return await super().changes(access, after=after, limit=limit)

    def restore(self, position: Position) -> None:
        del self._organizations[ACME.organization].log[position:]
        self.epoch, self.began = self.epoch + 1, position


async def test_a_listener_does_not_cross_into_another_epoch(bus: LocalBus) -> None:
    store = Restorable()
    async with Feed(store, bus) as feed:
        await write(Journal(store, bus), 5)
        stream = feed.follow(ACME)
        assert (await anext(stream)).position == 5
        store.restore(Position(2))
        with pytest.raises(Unavailable, match="taken over by a restore"):
            await asyncio.wait_for(anext(stream), 5)


async def test_who_begins_again_after_a_restore_hears_the_new_epoch(bus: LocalBus) -> None:
    store = Restorable()
    async with Feed(store, bus) as feed:
        journal = Journal(store, bus)
        await write(journal, 5)
        await pages(feed, until=5, after=0)
        store.restore(Position(2))
        listening = asyncio.create_task(pages(feed, until=4, after=2))
        await asyncio.sleep(0.01)
        await write(journal, 2)
        assert await listening == [[], [3, 4]]


async def test_a_store_that_was_away_is_read_again_and_not_in_a_hurry(bus: LocalBus) -> None:
    store = Restorable()
    async with Feed(store, bus) as feed:
        stream = feed.follow(ACME)
        await anext(stream)
        store.away = True
        await write(Journal(store, bus), 3)
        await asyncio.sleep(1.2)
        assert store.reads <= 4
        store.away = False
        page = await asyncio.wait_for(anext(stream), 5)
        assert [each.position for each in page.changes] == [1, 2, 3]


async def test_whoever_keeps_words_is_told_of_erasures_by_others(
    store: MemoryStore, bus: LocalBus, feed: Feed
) -> None:
    forgotten = asyncio.Event()
    feed.on_erasure = forgotten.set
    kept = memory()
    await Journal(store, bus).commit(ACME, ChangeSet((Put(kept),)))
    pages = feed.follow(ACME)
    await anext(pages)
    elsewhere = Journal(store, bus)
    await elsewhere.commit(ACME, ChangeSet((Put(memory("another")),)))
    await anext(pages)
    assert not forgotten.is_set()
    await elsewhere.commit(ACME, ChangeSet((Erase(kept.KIND, kept.id),)))
    await anext(pages)
    assert forgotten.is_set()


async def test_the_end_is_read_once_for_all_who_ask_together(
    store: MemoryStore, bus: LocalBus
) -> None:
    counting = Counting()
    async with Feed(counting, bus) as feed:
        await write(Journal(counting, bus), 3)
        heads = await asyncio.gather(*(feed.head(ACME.organization) for _ in range(50)))
        assert {head.position for head in heads} == {3}
        assert counting.asked == 1
        await write(Journal(counting, bus))
        assert (await feed.head(ACME.organization)).position == 4


class Counting(MemoryStore):
    """Counts how often it is asked for heads."""

    asked = 0

    async def heads(self, *args: Any, **kwargs: Any) -> Sequence[Head]:
        self.asked += 1
        return await super().heads(*args, **kwargs)


@pytest.mark.parametrize(("position", "end"), [(0, 0), (1, 2), (2, 2), (3, 5), (4, 5), (5, 5)])
@pytest.mark.parametrize("followed", [False, True])
async def test_a_position_lies_in_a_change_set_that_ends(
    feed: Feed, journal: Journal, position: int, end: int, *, followed: bool
) -> None:
    if followed:
        await feed.open(ACME.organization)
    await write(journal, 2)
    await write(journal, 3)
    await asyncio.sleep(0.01)
    assert await feed.boundary(ACME.organization, Position(position)) == end


async def test_a_stretch_of_the_log_ends_where_it_is_told(feed: Feed, journal: Journal) -> None:
    for count in (2, 3, 4):
        await write(journal, count)
    head = await feed.head(ACME.organization)
    pages = feed.behind(ACME, Position(2), head.epoch, until=Position(9), at_most=1)
    assert [[each.position for each in page.changes] async for page in pages] == [
        [3, 4, 5],
        [6, 7, 8, 9],
    ]


async def test_what_this_process_has_read_is_known_while_the_store_answers(
    store: MemoryStore, bus: LocalBus
) -> None:
    now = 0.0
    async with Feed(store, bus, clock=lambda: now) as feed:
        assert feed.known(ACME.organization) is None
        await write(Journal(store, bus), 3)
        await feed.open(ACME.organization)
        assert feed.known(ACME.organization) == await feed.head(ACME.organization)
        now = 2 * feeding.CHECK_SECONDS + 0.1
        assert feed.known(ACME.organization) is None
