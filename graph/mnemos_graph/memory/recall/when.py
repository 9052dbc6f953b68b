"""The times that a question names, counted from when it is asked.

Only times that a calendar knows: "last week", "in May 2023", "on 7 May", "two days ago". What only
the memory itself could date ("before the trip") is words like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mnemos_graph.index.periods import Period
from mnemos_graph.language.offline.dates import Moment, moments, years_before

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_COUNTS = {"": 1, "two": 2, "couple of": 2, "three": 3, "few": 4, "four": 4, "five": 5, "six": 6}
_UNIT_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_PLAIN = re.compile(
    rf"\b(?:of|mid|after|before)[ -](?P<month>{_MONTH})(?! \d)"
    r"|\b(?:after|before) (?P<year>(?:19|20)\d\d)\b(?!-)"
)
"""A month or a year alone, after words with which only a question names it."""
_LATELY = re.compile(
    rf"\b(?:last|past) (?P<count>\d{{1,2}} |(?:{'|'.join(filter(None, _COUNTS))}) |)"
    r"(?P<unit>day|week|month|year)s?\b",
    re.IGNORECASE,
)
_FROM_DAY = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)? (?:and|to|until) (?=\d)")
_BEFORE = re.compile(r"\b(?:before|prior to)\s+(?:the\s+)?$", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:since|after)\s+(?:the\s+)?$", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:until|till|by)\s+(?:the\s+)?$", re.IGNORECASE)
_UNTIL_INSIDE = re.compile(r"(?:until|till|by)\b", re.IGNORECASE)
_SINCE = re.compile(r"since\b", re.IGNORECASE)
_RANGE = re.compile(r"\b(?:between|from)\b", re.IGNORECASE)
_AGO = re.compile(r"(week|month|year)s? ago", re.IGNORECASE)
_ABOUT_DAYS = {"week": 3, "month": 15, "year": 183}
_PART = re.compile(r"\b(early|mid|late)\b", re.IGNORECASE)
_SHARES = {"early": (0.0, 0.4), "mid": (0.3, 0.7), "late": (0.6, 1.0)}
_LONG = timedelta(days=28)
"""From a month on a period has an early and a late part."""


@dataclass(frozen=True, slots=True)
class When:
    periods: tuple[Period, ...]
    rest: str
    """The question without the times."""


def when(question: str, now: datetime) -> When:
    """Return the periods that ``question`` speaks of, asked at ``now``."""
    found = sorted(_found(question, now), key=lambda moment: moment.start)
    rest = question
    for moment in reversed(found):
        rest = f"{rest[: moment.start]} {rest[moment.end :]}"
    return When(tuple(_periods(question, found)), rest)


def _found(question: str, now: datetime) -> Iterator[Moment]:
    """Yield the times of the calendar, none overlapping."""
    taken: list[Moment] = []
    for moment in (*_lately(question, now), *moments(question, now), *_plainly(question, now)):
        if not any(moment.start < each.end and each.start < moment.end for each in taken):
            taken.append(moment)
            yield moment


def _lately(question: str, now: datetime) -> Iterator[Moment]:
    """Yield stretches that end now: the last two weeks, the past month; not "last week"."""
    for match in _LATELY.finditer(question):
        written, unit = match.group("count").strip().lower(), match.group("unit").lower()
        if not written and match.group().lower().startswith("last"):
            continue
        count = int(written) if written.isdigit() else _COUNTS[written]
        begin = now - timedelta(days=count * _UNIT_DAYS[unit])
        yield Moment(match.start(), match.end(), begin, now, relative=True)


def _plainly(question: str, now: datetime) -> Iterator[Moment]:
    for match in _PLAIN.finditer(question):
        which = "month" if match.group("month") else "year"
        for moment in moments(f"in {match.group(which)}", now):
            yield replace(moment, start=match.start(which), end=match.end(which))


def _periods(question: str, found: Sequence[Moment]) -> Iterator[Period]:
    if found[1:] and not found[2:] and _RANGE.search(question[: found[0].end]):
        first, second = found
        begin = first.begin
        while begin > second.begin:
            begin = years_before(begin, 1)
        yield Period(begin, second.until)
        return
    for moment in found:
        day = _FROM_DAY.search(question, 0, moment.start + 3)
        if day and day.end() == moment.start and 0 < int(day.group(1)) < moment.begin.day:
            yield Period(moment.begin.replace(day=int(day.group(1))), moment.until)
        else:
            yield _period(question, moment)


def _period(question: str, moment: Moment) -> Period:
    before, spoken = question[: moment.start], question[moment.start : moment.end]
    begin, until = _narrowed(before, spoken, moment)
    if _UNTIL_INSIDE.match(spoken) or _UNTIL.search(before):
        return Period(None, until)
    if _BEFORE.search(before):
        return Period(None, begin)
    if _SINCE.match(spoken) or _AFTER.search(before):
        return Period(begin, None)
    if ago := _AGO.search(spoken):
        about = timedelta(days=_ABOUT_DAYS[ago.group(1).lower()])
        return Period(begin - about, until + about)
    return Period(begin, until)


def _narrowed(before: str, spoken: str, moment: Moment) -> tuple[datetime, datetime]:
    """Return the part of a long period that "early", "mid" or "late" leaves of it."""
    part = _PART.search(f"{before[-6:]}{spoken}")
    length = moment.until - moment.begin
    if part is None or length < _LONG:
        return moment.begin, moment.until
    first, last = _SHARES[part.group(1).lower()]
    return moment.begin + first * length, moment.begin + last * length
