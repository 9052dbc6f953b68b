"""What counts as right: strict enough that keeping everything, or little of it, scores badly."""

from __future__ import annotations

import pytest

from tests.extraction.conversations import HELD_OUT, WORKING, Conversation, read
from tests.extraction.judging import Outcome, differences, scored
from tests.extraction.matching import Claim, Known, Words, paired

MOVE = Conversation(
    name="move",
    messages=(),
    keep=(Words.written("oslo mov*"), Words.written("tea|coffee")),
    may_keep=(Words.written("rain"),),
    facts=(Claim(("user",), ("lives_in",), ("Oslo",), ("2025-01-01",)),),
    may_state=(),
    ends=(Claim(("user",), ("lives_in",), ("Rome",), ("2025-01-01",)),),
    may_end=(),
    once=(Words.written("oslo"),),
)
OSLO = Known("The user", "lives_in", "oslo", "2025-01-01", "", "2025-03-01")
ROME = Known("user", "lives_in", "Rome", "", "2025-01-01", "2025-03-01")


def test_what_is_expected_is_right() -> None:
    scores = scored([Outcome(MOVE, ("The user moved to Oslo.", "Tea is liked."), (OSLO,))])
    assert (scores.memories.precision, scores.memories.recall) == (1, 1)
    assert (scores.facts.precision, scores.facts.recall) == (1, 1)
    assert (scores.wrong_closings, scores.ends.recall, scores.memories_of_one) == (0, 0, 1)


def test_saying_it_twice_and_saying_what_nobody_expects_is_wrong() -> None:
    memories = ("Moved to Oslo.", "They moved to Oslo.", "I moved the chair.", "It may rain.")
    scores = scored([Outcome(MOVE, memories, ())])
    assert (scores.memories.right, scores.memories.found, scores.memories.met) == (1, 3, 1)
    assert scores.memories_of_one == 2


def test_a_whole_conversation_is_no_memory() -> None:
    everything = "We moved to Oslo and had tea, and then " + "we talked " * 40
    assert scored([Outcome(MOVE, (everything,), ())]).memories.met == 0


@pytest.mark.parametrize(
    "wrong",
    [
        OSLO._replace(since="2025-01-02"),
        OSLO._replace(since=""),
        OSLO._replace(subject="Ann"),
        OSLO._replace(predicate="works_in"),
        OSLO._replace(target="Oslo West"),
        OSLO._replace(until="2025-02-01"),
    ],
)
def test_a_fact_that_differs_in_one_part_is_wrong(wrong: Known) -> None:
    assert [line[0] for line in differences(Outcome(MOVE, (), (wrong,)))].count("+") == 1


def test_an_end_on_another_day_is_a_wrong_closing() -> None:
    right, late = ROME, ROME._replace(until="2025-01-02")
    assert scored([Outcome(MOVE, (), (right,))]).wrong_closings == 0
    assert scored([Outcome(MOVE, (), (late,))]).wrong_closings == 1


def test_words_are_whole_words() -> None:
    assert not Words.written("art").stand_in("The party was great.")
    assert Words.written("part*").stand_in("The party was great.")


def test_each_is_used_once_and_as_many_as_can_be() -> None:
    assert paired([1, 2], [2, 3], lambda one, other: other in (one, one + 1)) == {0: 0, 1: 1}
    assert paired([1, 2], [2], lambda one, other: one <= other).keys() == {0}


def test_there_are_enough_conversations_and_a_part_is_held_out() -> None:
    working, held_out = read(WORKING), read(HELD_OUT)
    assert len(working) + len(held_out) >= 150
    assert len(held_out) >= 0.3 * (len(working) + len(held_out))
    assert all(1 <= len(each.messages) <= 8 for each in (*working, *held_out))
    assert len({each.name for each in (*working, *held_out)}) == len(working) + len(held_out)
