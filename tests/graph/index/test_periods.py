"""How near a memory is to the times that a question names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.index.partition import PartitionIndex
from mnemos_graph.index.periods import Period, nearness
from mnemos_graph.model import Memory
from tests.conformance.samples import day, memory

WEEK = Period(day(7), day(14))


def near(*memories: Memory, period: Period = WEEK) -> list[float]:
    index = PartitionIndex(4)
    for each in memories:
        index.put(each)
    return list(nearness(index, [period]))


def said(number: float) -> Memory:
    return memory(f"told on {number}", occurred_at=day(number))


def test_what_was_said_within_counts_fully_and_the_rest_by_how_far_it_is() -> None:
    inside, soon, later = near(said(10), said(15), said(40))
    assert inside == 1.0
    assert 0.5 < soon < 1.0
    assert later < 0.01


def test_what_began_or_ended_within_counts_though_it_was_said_much_later() -> None:
    began = memory("Ann moved", occurred_at=day(90), valid_from=day(10))
    ended = memory("Ann had a cat", occurred_at=day(90), valid_from=day(0), valid_to=day(9))
    always = memory("Ann is tall", occurred_at=day(90), valid_from=day(0))
    over = memory("Ann was small", occurred_at=day(90), valid_from=day(0), valid_to=day(5))
    assert near(began, ended) == [1.0, 1.0]
    assert 0 < near(always)[0] < 1.0
    assert near(over)[0] < 0.01


def test_what_nobody_said_counts_from_when_it_was_written() -> None:
    assert near(memory("a note", created_at=day(8))) == [1.0]


def test_a_period_may_be_open_on_either_side() -> None:
    assert near(said(3), said(9), period=Period(day(5), None))[1] == 1.0
    assert near(said(3), said(9), period=Period(None, day(5)))[0] == 1.0


def test_the_nearest_of_several_periods_counts() -> None:
    index = PartitionIndex(4)
    index.put(said(21))
    assert list(nearness(index, [WEEK, Period(day(20), day(22))])) == [1.0]


@given(st.floats(-1_000, 1_000), st.floats(-1_000, 1_000))
def test_what_is_nearer_in_time_never_counts_less(one: float, other: float) -> None:
    def away(number: float) -> float:
        return max(7 - number, number - 14, 0.0)

    nearer, farther = sorted((one, other), key=away)
    first, second = near(said(nearer), said(farther))
    assert 0.0 <= second <= first <= 1.0
