"""Which times of the calendar a question names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.memory.recall.when import when

NOW = datetime(2024, 7, 20, 12, tzinfo=UTC)
"""A Saturday."""


def days(question: str) -> list[tuple[str | None, str | None]]:
    return [(plain(each.begin), plain(each.until)) for each in when(question, NOW).periods]


def plain(instant: datetime | None) -> str | None:
    return None if instant is None else f"{instant:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("question", "begin", "until"),
    [
        ("What did I do yesterday?", "2024-07-19", "2024-07-20"),
        ("What happened two days ago?", "2024-07-18", "2024-07-19"),
        ("What happened last week?", "2024-07-08", "2024-07-15"),
        ("What happened last month?", "2024-06-01", "2024-07-01"),
        ("Where was she on 7 May?", "2024-05-07", "2024-05-08"),
        ("Where was she on May 7, 2023?", "2023-05-07", "2023-05-08"),
        ("What did he paint in May 2023?", "2023-05-01", "2023-06-01"),
        ("What did he paint in May?", "2024-05-01", "2024-06-01"),
        ("What did he paint in early May?", "2024-05-01", "2024-05-13"),
        ("What did he paint late in May?", "2024-05-19", "2024-06-01"),
        ("What came at the end of May?", "2024-05-01", "2024-06-01"),
        ("Who came in the summer of 2023?", "2023-06-01", "2023-09-01"),
        ("Who came in 2022?", "2022-01-01", "2023-01-01"),
        ("Who came in the last two weeks?", "2024-07-06", "2024-07-20"),
        ("Who came in the past month?", "2024-06-20", "2024-07-20"),
        ("Who came between 3 and 10 May?", "2024-05-03", "2024-05-11"),
        ("Who came from June to August 2023?", "2023-06-01", "2023-09-01"),
        ("Who came between December 2022 and March 2023?", "2022-12-01", "2023-04-01"),
        ("What did we say three weeks ago?", "2024-06-26", "2024-07-03"),
        ("What did we say since March?", "2024-03-01", None),
        ("What did we say after 2021?", "2021-01-01", None),
        ("What did we say before 7 May 2023?", None, "2023-05-07"),
        ("What did we say until May 2023?", None, "2023-06-01"),
    ],
)
def test_a_time_of_the_calendar(question: str, begin: str | None, until: str | None) -> None:
    assert days(question) == [(begin, until)]


@pytest.mark.parametrize(
    "question",
    [
        "What did she do before the trip?",
        "May I come in?",
        "Who is April?",
        "When did he last paint?",
        "What happened recently?",
        "How long is a week?",
        "Who weighs 2023 pounds?",
        "What came on 31 February?",
        "",
    ],
)
def test_what_only_the_memory_could_date_is_no_time(question: str) -> None:
    assert days(question) == []
    assert when(question, NOW).rest == question


def test_two_times_are_two_periods() -> None:
    assert days("Was it on 7 May or on 9 May?") == [
        ("2024-05-07", "2024-05-08"),
        ("2024-05-09", "2024-05-10"),
    ]


def test_the_rest_of_a_question_has_no_time_in_it() -> None:
    rest = when("Who paid 300 on 7 May 2023?", NOW).rest
    assert "300" in rest
    assert "2023" not in rest


@given(st.text(max_size=200), st.datetimes(timezones=st.just(UTC)))
def test_any_question_at_any_time_is_read(question: str, now: datetime) -> None:
    for period in when(question, now).periods:
        assert period.begin is None or period.until is None or period.begin < period.until
