from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos.rates import AWAY_SECONDS, MOST_NAMES, Rate, SharedRate
from mnemos_graph.errors import RateLimited, Unavailable


class Tick:
    """Seconds that pass when they are told to."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def passed(rate: Rate, name: str) -> bool:
    try:
        rate.take(name)
    except RateLimited:
        return False
    return True


def test_a_burst_is_let_through_and_then_the_rate() -> None:
    tick = Tick()
    rate = Rate(2, 4, tick)
    assert [passed(rate, "a") for _ in range(6)] == [True] * 4 + [False] * 2
    tick.seconds += 1
    assert [passed(rate, "a") for _ in range(4)] == [True] * 2 + [False] * 2


def test_one_name_does_not_pay_for_another() -> None:
    rate = Rate(1, 1, Tick())
    assert passed(rate, "a")
    assert not passed(rate, "a")
    assert passed(rate, "b")


def test_no_rate_is_no_limit() -> None:
    assert all(passed(Rate(0, 0), "a") for _ in range(1_000))


def test_names_are_not_kept_for_ever() -> None:
    rate = Rate(1, 1, Tick())
    for n in range(MOST_NAMES + 1):
        rate.take(str(n))
    assert passed(rate, "0")
    with pytest.raises(RateLimited):
        rate.take(str(MOST_NAMES))


@given(st.lists(st.floats(0, 3), max_size=60), st.integers(1, 5), st.integers(1, 10))
def test_never_more_than_the_burst_and_the_rate_pass(
    waits: list[float], per_second: int, burst: int
) -> None:
    tick = Tick()
    rate, began, let_through = Rate(per_second, burst, tick), tick.seconds, 0
    for wait in waits:
        tick.seconds += wait
        let_through += passed(rate, "a")
        assert let_through <= burst + (tick.seconds - began) * per_second + 1e-6


class OneBucket:
    """What two processes share: a few tokens in all, and sometimes nobody to ask."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.away = False
        self.asked: list[str] = []

    async def take(self, name: str, per_second: int, burst: int) -> bool:
        self.asked.append(name)
        if self.away:
            raise Unavailable("Gone. Come again.")
        self.tokens -= 1
        return self.tokens >= 0


async def all_passed(rate: SharedRate, count: int) -> list[bool]:
    async def passed() -> bool:
        try:
            await rate.take("ann")
        except RateLimited:
            return False
        return True

    return [await passed() for _ in range(count)]


async def test_what_one_process_lets_through_another_does_not() -> None:
    bucket = OneBucket(3)
    here, there = (SharedRate("key", 3, 3, bucket, Tick()) for _ in range(2))
    assert await all_passed(here, 2) + await all_passed(there, 2) == [True, True, True, False]
    assert set(bucket.asked) == {"key:ann"}


async def test_each_process_counts_for_itself_while_nobody_can_be_asked() -> None:
    bucket, tick = OneBucket(100), Tick()
    rate = SharedRate("key", 2, 2, bucket, tick)
    bucket.away = True
    assert await all_passed(rate, 4) == [True, True, False, False]
    assert len(bucket.asked) == 1
    bucket.away = False
    tick.seconds += AWAY_SECONDS
    assert await all_passed(rate, 4) == [True] * 4


async def test_a_program_of_one_process_shares_with_nobody() -> None:
    assert await all_passed(SharedRate("key", 1, 2, None, Tick()), 3) == [True, True, False]
    assert all(await all_passed(SharedRate("key", 0, 0, OneBucket(0)), 9))
