from __future__ import annotations

import pytest

from mnemos_graph.breaker import Breaker, Circuit
from mnemos_graph.errors import BadInput, Unavailable


class Part:
    """A part that can be away, behind a breaker with a clock that a test moves."""

    def __init__(self) -> None:
        self.now, self.away, self.asked = 0.0, True, 0
        self.breaker = Breaker("The part", failures=3, rests=(1, 4), clock=lambda: self.now)

    def ask(self) -> None:
        with self.breaker.passing():
            self.asked += 1
            if self.away:
                raise Unavailable("It is away.")

    def fail(self, times: int = 1) -> None:
        for _ in range(times):
            with pytest.raises(Unavailable):
                self.ask()


def test_a_part_that_failed_three_times_in_a_row_is_left_alone() -> None:
    part = Part()
    part.fail(3)
    assert part.breaker.circuit is Circuit.OPEN
    with pytest.raises(Unavailable, match="The part is away"):
        part.ask()
    assert part.asked == 3


def test_failures_with_a_success_between_open_nothing() -> None:
    part = Part()
    for _ in range(5):
        part.away = True
        part.fail(2)
        part.away = False
        part.ask()
    assert part.breaker.circuit is Circuit.CLOSED


def test_after_a_rest_one_tries_and_its_success_lets_everybody_through() -> None:
    part = Part()
    part.fail(3)
    part.now, part.away = 1.0, False
    assert part.breaker.circuit is Circuit.HALF_OPEN
    part.ask()
    part.ask()
    assert (part.asked, part.breaker.circuit) == (5, Circuit.CLOSED)


def test_while_one_tries_the_others_hear_at_once_that_it_is_away() -> None:
    part = Part()
    part.fail(3)
    part.now, part.away = 1.0, False
    with part.breaker.passing(), pytest.raises(Unavailable, match="tried again soon"):
        part.ask()
    part.ask()


def test_a_failed_trial_makes_the_next_rest_longer_up_to_the_last() -> None:
    part = Part()
    part.fail(3)
    for tried_at, rests_until in ((1, 5), (5, 9), (9, 13)):
        part.now = tried_at
        part.fail()
        asked, part.now = part.asked, rests_until - 0.1
        part.fail()
        assert part.asked == asked


def test_a_trial_that_was_cut_off_leaves_the_next_to_somebody_else() -> None:
    part = Part()
    part.fail(3)
    part.now, part.away = 1.0, False
    with pytest.raises(KeyboardInterrupt), part.breaker.passing():
        raise KeyboardInterrupt
    part.ask()
    assert part.breaker.circuit is Circuit.CLOSED


def test_an_answer_that_refuses_is_no_failure() -> None:
    part = Part()
    for _ in range(5):
        with pytest.raises(BadInput), part.breaker.passing():
            raise BadInput("Not like that.")
    assert part.breaker.circuit is Circuit.CLOSED
