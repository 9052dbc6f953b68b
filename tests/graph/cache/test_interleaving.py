"""Every answer of the cache is one late enough state of the store; and what is wrong is found out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mnemos_graph.cache.answers import Answers
from mnemos_graph.cache.flight import Flight
from mnemos_graph.cache.following import Following
from mnemos_graph.cache.known import Known
from mnemos_graph.cache.store import DecidingStore
from mnemos_graph.model import Access, Memory
from tests.conformance.memory_store import MemoryStore
from tests.conformance.samples import ACME, BOB, memory
from tests.graph.cache.interleaving import Step, histories, live_through
from tests.graph.cache.processes import Clock, DeafBus, process

SEEDS = st.integers(0, 1_000)
LIVES = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@LIVES
@given(history=histories, deaf=st.booleans(), seed=SEEDS)
def test_every_answer_is_one_late_enough_state_of_the_store(
    *, history: list[list[Step]], deaf: bool, seed: int
) -> None:
    asyncio.run(live_through(history, deaf=deaf, seed=seed))


def believes_for_ever(planted: pytest.MonkeyPatch) -> None:
    planted.setattr("mnemos_graph.cache.following.FRESH_SECONDS", 1e9)


def does_not_read_what_it_heard_of(planted: pytest.MonkeyPatch) -> None:
    planted.setattr(Following, "is_ready", Following._is_checked)


def forgets_to_let_go(planted: pytest.MonkeyPatch) -> None:
    planted.setattr(Answers, "change", lambda *_: None)


def keeps_what_changed_while_it_was_read(planted: pytest.MonkeyPatch) -> None:
    planted.setattr(Flight, "touch", lambda *_: None)


def decides_on_what_was_kept(planted: pytest.MonkeyPatch) -> None:
    planted.setattr(DecidingStore, "_raise", lambda *_: None)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "wrong",
    [
        believes_for_ever,
        does_not_read_what_it_heard_of,
        forgets_to_let_go,
        keeps_what_changed_while_it_was_read,
        decides_on_what_was_kept,
    ],
)
def test_a_cache_that_is_wrong_in_one_thing_is_found_out(
    wrong: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong(monkeypatch)
    wrongs: list[AssertionError] = []

    @settings(LIVES, max_examples=100, database=None, derandomize=False, phases=[Phase.generate])
    @given(history=histories, deaf=st.booleans(), seed=SEEDS)
    def live(*, history: list[list[Step]], deaf: bool, seed: int) -> None:
        try:
            if not wrongs:
                asyncio.run(live_through(history, deaf=deaf, seed=seed))
        except AssertionError as error:
            wrongs.append(error)

    for _ in range(20):
        if not wrongs:
            live()
    assert wrongs


async def versions_of_a_set_of_two() -> list[int]:
    """One half is kept and the other is not, while another process changes both."""
    one, other = memory("one"), memory("other")
    inner, clock = MemoryStore(), Clock()
    async with process(inner, DeafBus(), clock) as here, process(inner, DeafBus(), clock) as there:
        await there.write(one, other)
        await here.feed.check([ACME.organization])
        await here.warm(lambda: here.cache.store.get(ACME, Memory, [one.id]))
        await there.write(replace(one, version=2), replace(other, version=2))
        await here.cache.store.get(ACME, Memory, [other.id])
        both = await here.cache.store.get(ACME, Memory, [one.id, other.id])
        return [each.version for each in both.values()]


async def test_nobody_sees_half_of_what_was_committed_together() -> None:
    assert await versions_of_a_set_of_two() == [2, 2]


async def test_keeping_what_may_stand_later_would_show_half(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def landed(self: Following, known: Known, flight: Flight) -> None:
        known.flights.discard(flight)
        known._keep(flight)

    monkeypatch.setattr(Following, "landed", landed)
    assert await versions_of_a_set_of_two() == [1, 2]


async def test_serving_without_regard_to_the_access_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What ``test_what_is_kept_is_seen_by_nobody_who_may_not_read_it`` would see."""
    hers, bobs = memory("hers"), replace(ACME, reads=frozenset({BOB.partition}))
    async with process(MemoryStore(), DeafBus(), Clock()) as here:
        await here.write(hers)
        await here.warm(lambda: here.cache.store.get(ACME, Memory, [hers.id]))
        assert await here.cache.store.get(bobs, Memory, [hers.id]) == {}
        monkeypatch.setattr(Access, "may_read", lambda *_: True)
        assert await here.cache.store.get(bobs, Memory, [hers.id]) == {hers.id: hers}
