"""What is kept is what would be answered anew, whatever was written, by whom and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemos_graph.model import Change
from mnemos_graph.witness.calendar import Calendar
from mnemos_graph.witness.grounds import Ground, Grounds
from mnemos_graph.witness.witness import Witness
from tests.platform.answering.living import QUESTIONS, Question, Step, live_through, lives

LIVES = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])


@LIVES
@given(life=lives, cache_bytes=st.sampled_from([0, 10_000_000]))
def test_an_answer_that_is_kept_is_the_one_that_would_be_given_now(
    life: tuple[list[Question], list[Step]], cache_bytes: int
) -> None:
    asyncio.run(live_through(*life, cache_bytes=cache_bytes))


@pytest.mark.parametrize("question", sorted(QUESTIONS.keys() - {"known"}))
def test_every_kind_of_question_is_kept(question: str) -> None:
    told: list[Step] = [
        ("create", 0, "ann", "tea", None, None),
        ("assert", 0, "ann", 1, "tea", None),
        ("move", 1),
    ]
    assert asyncio.run(live_through([(0, question, "ann", 0)], told)) >= len(told)


def hears_of_no_change(planted: pytest.MonkeyPatch) -> None:
    def changed(self: Ground, changes: Sequence[Change]) -> None: ...

    planted.setattr(Ground, "changed", changed)


def knows_no_instant_ahead(planted: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> None: ...

    planted.setattr(Calendar, "next", nothing)


def reads_an_instant_ahead_only_once(planted: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> None: ...

    planted.setattr(Ground, "_tell", nothing)


def does_not_look_for_a_position(planted: pytest.MonkeyPatch) -> None:
    planted.setattr(Grounds, "reaches", lambda *_: True)


def overlooks_what_is_got_by_its_id(planted: pytest.MonkeyPatch) -> None:
    planted.setattr(Witness, "got", lambda *_: None)


TEA: Step = ("create", 0, "ann", "tea", None, None)
ENDING: Step = ("create", 0, "ann", "rye bread", None, 30)
COCOA: Step = ("update", 0, 0, "cocoa")


@pytest.mark.parametrize(
    ("wrong", "question", "life"),
    [
        (hears_of_no_change, (0, "memories", "ann", 0), [TEA, TEA]),
        (knows_no_instant_ahead, (0, "memories", "ann", 0), [ENDING, ("move", 40)]),
        (reads_an_instant_ahead_only_once, (0, "memories", "ann", 0), [TEA, ENDING, ("move", 40)]),
        (does_not_look_for_a_position, (1, "memories", "ann", 0), [TEA, TEA]),
        (overlooks_what_is_got_by_its_id, (0, "memory", "ann", 0), [TEA, COCOA]),
    ],
)
def test_a_cache_that_is_wrong_in_one_thing_is_found_out(
    wrong: Callable[[pytest.MonkeyPatch], None],
    question: Question,
    life: list[Step],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asyncio.run(live_through([question], life))
    wrong(monkeypatch)
    with pytest.raises(AssertionError, match=question[1]):
        asyncio.run(live_through([question], life))
