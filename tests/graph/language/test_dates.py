"""Times named in a sentence, counted from when it was said."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.language.offline.dates import moments
from tests.graph.language.scoring import SAID


@pytest.mark.parametrize(
    ("text", "begin", "until"),
    [
        ("on 8 May 2023", "2023-05-08", "2023-05-09"),
        ("on May 8th, 2023", "2023-05-08", "2023-05-09"),
        ("on 2022-02-28", "2022-02-28", "2022-03-01"),
        ("on the 3rd of April", "2023-04-03", "2023-04-04"),
        ("on December 24", "2022-12-24", "2022-12-25"),
        ("my flight leaves on 3 June", "2023-06-03", "2023-06-04"),
        ("it will be on January 2", "2024-01-02", "2024-01-03"),
        ("in May 2021", "2021-05-01", "2021-06-01"),
        ("in May", "2023-05-01", "2023-06-01"),
        ("since October", "2022-10-01", "2022-11-01"),
        ("in 2019", "2019-01-01", "2020-01-01"),
        ("the summer of 2021", "2021-06-01", "2021-09-01"),
        ("yesterday", "2023-05-07", "2023-05-08"),
        ("the day before yesterday", "2023-05-06", "2023-05-07"),
        ("tomorrow", "2023-05-09", "2023-05-10"),
        ("last Friday", "2023-05-05", "2023-05-06"),
        ("last Monday", "2023-05-01", "2023-05-02"),
        ("next Monday", "2023-05-15", "2023-05-16"),
        ("on Sunday", "2023-05-07", "2023-05-08"),
        ("we will meet on Sunday", "2023-05-14", "2023-05-15"),
        ("last week", "2023-05-01", "2023-05-08"),
        ("last weekend", "2023-05-06", "2023-05-08"),
        ("next month", "2023-06-01", "2023-07-01"),
        ("last year", "2022-01-01", "2023-01-01"),
        ("two weeks ago", "2023-04-24", "2023-04-25"),
        ("a month ago", "2023-04-08", "2023-04-09"),
        ("3 years ago", "2020-05-08", "2020-05-09"),
        ("in ten days", "2023-05-18", "2023-05-19"),
    ],
)
def test_a_form_stands_for_its_days(text: str, begin: str, until: str) -> None:
    (moment,) = moments(f"I tell you {text}.", SAID)
    assert (f"{moment.begin:%Y-%m-%d}", f"{moment.until:%Y-%m-%d}") == (begin, until)


@pytest.mark.parametrize(
    "text",
    [
        *("I may go", "we march on", "5 years", "room 2023", "a second", "at 10:30", "some day"),
        *(
            "31 February 2023",
            "a few days ago",
            "recently",
            "the one",
            "sun and moon",
            "9999-99-99",
        ),
    ],
)
def test_what_is_no_date_is_left_alone(text: str) -> None:
    assert moments(text, SAID) == []


def test_a_date_is_taken_once_and_whole() -> None:
    found = moments("from 3 May 2021 to in June 2022, not last week", SAID)
    assert [moment.spelled() for moment in found] == [
        "3 May 2021",
        "June 2022",
        "1 May 2023 to 7 May 2023",
    ]


def test_days_begin_where_the_speaker_is() -> None:
    zone = timezone(timedelta(hours=9))
    (moment,) = moments("yesterday", datetime(2023, 5, 8, 1, tzinfo=zone))
    assert moment.begin == datetime(2023, 5, 7, tzinfo=zone)


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.sampled_from(
        ["yesterday", "last month", "12 years ago", "29 February", "in March", "next year"]
    ),
)
def test_no_day_is_too_early_or_too_late(said: datetime, text: str) -> None:
    for moment in moments(text, said):
        assert moment.begin < moment.until
