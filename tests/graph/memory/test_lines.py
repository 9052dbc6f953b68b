"""Who ends whom is computed from all that is said, in whatever order it was told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.memory.facts.lines import holds, place, recompute, said_already
from mnemos_graph.model import Fact
from tests.conformance.samples import day, entity, fact

ANN = entity("Ann")


def lives(place_: str, since: float | None = None, **given: object) -> Fact:
    began = None if since is None else day(since)
    return fact(ANN, "lives_in", place_, **({"valid_from": began} | given))


days = st.integers(0, 12)
Line = Callable[[Iterable[Fact]], tuple[Fact, ...]]
lines: st.SearchStrategy[Line] = st.sampled_from(
    [partial(recompute, single=True), partial(recompute, single=False)]
)


@st.composite
def said(draw: st.DrawFn) -> Fact:
    since, told = draw(days), draw(st.booleans())
    when = {"told_at": day(since)} if told else {"valid_from": day(since)}
    return fact(
        ANN,
        "lives_in",
        draw(st.sampled_from(["Oslo", "Bergen", "Rome"])),
        created_at=day(draw(days)),
        ended_at=draw(st.none() | days.map(lambda late: day(since + late))),
        **when,
    )


def by_id(line: tuple[Fact, ...]) -> dict[str, Fact]:
    return {each.id: each for each in line}


@given(st.lists(said(), max_size=8), st.randoms(), lines)
def test_the_order_of_telling_makes_no_difference(
    facts: list[Fact], random: object, line_of: Line
) -> None:
    whole = line_of(facts)
    line: tuple[Fact, ...] = ()
    random.shuffle(facts)  # type: ignore[attr-defined]
    for each in facts:
        line = line_of([*line, each])
    assert line == whole


@given(st.lists(said(), min_size=1, max_size=8), st.data(), lines)
def test_taking_one_away_gives_back_what_it_had_ended(
    facts: list[Fact], data: st.DataObject, line_of: Line
) -> None:
    gone = data.draw(st.sampled_from(facts))
    line = line_of(facts)
    invalid = replace(by_id(line)[gone.id], invalidated_at=day(20))
    after = line_of([invalid if each.id == gone.id else each for each in line])
    assert after == line_of([each for each in facts if each is not gone])


@given(st.lists(said(), max_size=8), st.data())
def test_ending_one_gives_the_line_that_was_told_so_at_once(
    facts: list[Fact], data: st.DataObject
) -> None:
    if not facts:
        return
    ended = data.draw(st.sampled_from(facts))
    at = place(ended)[0].replace(hour=12)
    line = recompute(facts, single=True)
    after = recompute(
        [replace(each, ended_at=at) if each.id == ended.id else each for each in line], single=True
    )
    told = [replace(each, ended_at=at) if each is ended else each for each in facts]
    assert after == recompute(told, single=True)


@given(st.lists(said(), max_size=8), st.integers(-1, 30))
def test_a_single_valued_line_has_at_most_one_value_at_any_instant(
    facts: list[Fact], number: int
) -> None:
    line = recompute(facts, single=True)
    assert sum(holds(each, day(number)) for each in line) <= 1


@given(st.lists(said(), min_size=1, max_size=8))
def test_the_last_to_begin_stays_open_unless_somebody_ended_it(facts: list[Fact]) -> None:
    *earlier, last = recompute(facts, single=True)
    assert (last.valid_to, last.closed_by) == (last.ended_at, None)
    assert all(each.valid_to is not None for each in earlier)


@given(st.lists(said(), max_size=8))
def test_values_of_a_many_valued_relation_never_end_each_other(facts: list[Fact]) -> None:
    for each in recompute(facts, single=False):
        assert (each.valid_to, each.closed_by) == (each.ended_at, None)


def test_the_later_beginning_ends_the_earlier_at_its_beginning() -> None:
    oslo, bergen = recompute([lives("Bergen", 5), lives("Oslo", 1)], single=True)
    assert (oslo.value, oslo.valid_to, oslo.closed_by) == ("Oslo", day(5), bergen.id)
    assert (bergen.valid_from, bergen.valid_to) == (day(5), None)


def test_what_ended_before_the_next_began_was_not_ended_by_it() -> None:
    oslo, _ = recompute([lives("Oslo", 1, ended_at=day(3)), lives("Bergen", 5)], single=True)
    assert (oslo.valid_to, oslo.closed_by) == (day(3), None)


def test_of_two_that_begin_together_the_one_recorded_later_holds() -> None:
    first, second = lives("Oslo", 1), lives("Bergen", 1, created_at=day(1))
    oslo, bergen = recompute([second, first], single=True)
    assert (holds(oslo, day(1)), holds(bergen, day(1))) == (False, True)


def test_what_nobody_dated_begins_when_told_where_something_held_before() -> None:
    oslo, bergen = lives("Oslo", told_at=day(1)), lives("Bergen", told_at=day(5))
    (alone,) = recompute([bergen], single=True)
    assert alone.valid_from is None
    before, after = recompute([bergen, oslo], single=True)
    assert (before.valid_from, before.valid_to, after.valid_from) == (None, day(5), day(5))


def test_what_is_told_again_is_known_by_its_date_or_by_what_holds() -> None:
    line = recompute([lives("Oslo", 1), lives("Bergen", 5)], single=True)
    oslo, bergen = line
    known = partial(said_already, line, single=True)
    assert known(lives("OSLO ", 1)) == oslo
    assert known(lives("Oslo", 2)) is None
    assert known(lives("Bergen", told_at=day(9))) == bergen
    assert known(lives("Oslo", told_at=day(9))) is None
    assert known(lives("Oslo", told_at=datetime.max.replace(tzinfo=day(0).tzinfo))) is None


def test_what_nobody_dated_began_as_early_as_it_was_told() -> None:
    line = recompute([lives("Oslo", told_at=day(5))], single=True)
    assert said_already(line, lives("Oslo", told_at=day(1)), single=True) == line[0]
    assert said_already(line, lives("Oslo", 1), single=True) == line[0]
    assert said_already(line, lives("Oslo", told_at=day(1), ended_at=day(1)), single=True) is None
