from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos.rates import MOST_NAMES, Rate
from mnemos_graph.errors import RateLimited


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
