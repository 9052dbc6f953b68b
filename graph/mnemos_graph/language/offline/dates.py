"""When a sentence speaks of: a whitelist of forms, relative ones counted from when it was said.

A form stands for a span of days. Bare numbers, times of day and "recently" are left alone.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
} | {"a": 1, "an": 1, "a couple of": 2, "couple of": 2}

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_ORDINAL = r"(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d\b"
_COUNT = rf"\d{{1,3}}|{'|'.join(sorted(_COUNTS, key=len, reverse=True))}"
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_AHEAD = re.compile(
    r"\b(?:will|'ll|going to|gonna|plan(?:s|ned|ning)?|upcoming|leaves|starts|due|scheduled)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a sentence names a time, and which: [begin, until)."""

    start: int
    end: int
    begin: datetime
    until: datetime
    relative: bool
    """It has to be counted from when it was said."""

    def spelled(self) -> str:
        """Return the time as a reader of another day needs it: 7 May 2023, April 2023, 2022."""
        day = f"{self.begin.day} {_MONTHS[self.begin.month - 1].capitalize()} {self.begin.year}"
        length = (self.until - self.begin).days
        if length <= 1:
            return day
        if length < 28:
            last = self.until - timedelta(days=1)
            return f"{day} to {last.day} {_MONTHS[last.month - 1].capitalize()} {last.year}"
        return day.partition(" ")[2] if length < 360 else str(self.begin.year)


Span = tuple[datetime, datetime]


def moments(text: str, said: datetime) -> list[Moment]:
    """Return the times that ``text`` names, in order, none overlapping.

    What has the form of a date without being one (the 31st of February) is nothing else either.
    """
    taken: list[tuple[int, int]] = []
    found: list[Moment] = []
    for pattern, resolve, relative in _FORMS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            with suppress(ValueError, OverflowError):
                begin, until = resolve(match, said)
                found.append(Moment(start, end, begin, until, relative=relative))
    return _explained(text, sorted(found, key=lambda moment: moment.start))


def _explained(text: str, found: list[Moment]) -> list[Moment]:
    """Take a date in brackets for what the time before it means: "yesterday (6 March 2026)"."""
    told: list[Moment] = []
    for moment in found:
        before = told[-1] if told else moment
        between = text[before.end : moment.start]
        if between.strip() == "(" and before.relative and not moment.relative:
            closed = text.startswith(")", moment.end)
            told[-1] = replace(moment, start=before.start, end=moment.end + closed)
        elif between == " to " and text[before.start : before.end].count("("):
            told[-1] = replace(before, end=moment.end, until=moment.until)
        else:
            told.append(moment)
    return told


def years_before(said: datetime, years: int) -> datetime:
    return _midnight(_shift(said, years=-years))


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _shift(moment: datetime, *, years: int = 0, months: int = 0) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months + years * 12, 12)
    last = monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _day(moment: datetime) -> Span:
    begin = _midnight(moment)
    return begin, begin + timedelta(days=1)


def _week(moment: datetime) -> Span:
    begin = _midnight(moment) - timedelta(days=moment.weekday())
    return begin, begin + timedelta(days=7)


def _month(moment: datetime, count: int = 1) -> Span:
    begin = _midnight(moment).replace(day=1)
    return begin, _shift(begin, months=count)


def _year(moment: datetime) -> Span:
    begin = _midnight(moment).replace(month=1, day=1)
    return begin, _shift(begin, years=1)


def _month_number(name: str) -> int:
    return next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(name.lower()[:3]))


def _near(moment: datetime, said: datetime, match: re.Match[str]) -> datetime:
    """Put a date without a year where it was meant: behind us, unless the sentence looks ahead."""
    ahead = _AHEAD.search(match.string) is not None
    if ahead and moment < _midnight(said):
        return _shift(moment, years=1)
    if not ahead and moment > said:
        return _shift(moment, years=-1)
    return moment


def _iso(match: re.Match[str], said: datetime) -> Span:
    year, month, day = map(int, match.groups())
    return _day(said.replace(year=year, month=month, day=day))


def _calendar_day(match: re.Match[str], said: datetime) -> Span:
    parts = match.groupdict()
    place = said.replace(day=1).replace(month=_month_number(parts["month"]))
    if parts["year"]:
        return _day(place.replace(year=int(parts["year"]), day=int(parts["day"])))
    return _day(_near(place.replace(day=int(parts["day"])), said, match))


def _month_of_year(match: re.Match[str], said: datetime) -> Span:
    month = _month_number(match.group(1))
    return _month(said.replace(day=1).replace(year=int(match.group(2)), month=month))


def _bare_month(match: re.Match[str], said: datetime) -> Span:
    month = _month_number(match.group(1))
    return _month(_near(_midnight(said.replace(day=1)).replace(month=month), said, match))


def _season(match: re.Match[str], said: datetime) -> Span:
    begin = said.replace(day=1).replace(
        year=int(match.group(2)), month=_SEASONS[match.group(1).lower()]
    )
    return _month(begin, 3)


def _bare_year(match: re.Match[str], said: datetime) -> Span:
    return _year(said.replace(day=1).replace(year=int(match.group(1))))


def _near_day(match: re.Match[str], said: datetime) -> Span:
    away = {
        "the day before yesterday": -2,
        "yesterday": -1,
        "last night": -1,
        "tomorrow": 1,
        "the day after tomorrow": 2,
    }
    return _day(said + timedelta(days=away.get(match.group().lower(), 0)))


def _stretch(match: re.Match[str], said: datetime) -> Span:
    step = {"last": -1, "this": 0, "this past": -1, "next": 1}[match.group(1).lower()]
    unit = match.group(2).lower()
    if unit == "week":
        return _week(said + timedelta(days=7 * step))
    if unit == "weekend":
        saturday = _week(said)[0] + timedelta(days=5 + 7 * step)
        if step == -1 and said.weekday() == 6:
            saturday = _week(said)[0] + timedelta(days=-2)
        return saturday, saturday + timedelta(days=2)
    return _month(_shift(said, months=step)) if unit == "month" else _year(_shift(said, years=step))


def _weekday(match: re.Match[str], said: datetime) -> Span:
    which, name = (match.group(1) or "").lower(), match.group(2).lower()
    away = (_DAYS.index(name) - said.weekday()) % 7
    ahead = which in {"next", "this", "this coming"} or (
        which == "on" and _AHEAD.search(match.string) is not None
    )
    return _day(said + timedelta(days=away or 7) if ahead else said - timedelta(days=7 - away))


def _count_away(match: re.Match[str], said: datetime) -> Span:
    parts = match.groupdict()
    written = parts["past"] or parts["future"]
    count = _COUNTS.get(written.lower()) or int(written)
    count = -count if parts["past"] else count
    unit = (parts["unit"] or parts["unit2"]).lower()
    if unit in {"month", "year"}:
        months = count if unit == "month" else 12 * count
        return _day(_shift(said, months=months))
    return _day(said + timedelta(days=count * (7 if unit == "week" else 1)))


Resolve = Callable[[re.Match[str], datetime], Span]


def _form(
    pattern: str, resolve: Resolve, *, relative: bool = False, exact: bool = False
) -> tuple[re.Pattern[str], Resolve, bool]:
    return re.compile(pattern, 0 if exact else re.IGNORECASE), resolve, relative


_FORMS = (
    _form(r"\b(\d{4})-(\d\d)-(\d\d)\b", _iso),
    _form(
        rf"\b(?P<day>\d{{1,2}}){_ORDINAL} (?:of )?(?P<month>{_MONTH}),?(?: (?P<year>{_YEAR}))?",
        _calendar_day,
    ),
    _form(
        rf"\b(?P<month>{_MONTH}) (?P<day>\d{{1,2}}){_ORDINAL}(?![:.]?\d)(?:,? (?P<year>{_YEAR}))?",
        _calendar_day,
    ),
    _form(rf"\b({_MONTH}),? (?:of )?({_YEAR})", _month_of_year),
    _form(rf"\b(spring|summer|autumn|fall|winter) (?:of |in )?({_YEAR})", _season),
    _form(
        r"\b(?:the day before yesterday|the day after tomorrow|yesterday|today|tonight|tomorrow"
        r"|last night|this (?:morning|afternoon|evening))\b",
        _near_day,
        relative=True,
    ),
    _form(r"\b(last|this past|this|next) (week|weekend|month|year)\b", _stretch, relative=True),
    _form(
        rf"\b(last|this past|this coming|this|next|on) ({'|'.join(_DAYS)})\b",
        _weekday,
        relative=True,
    ),
    _form(
        rf"\b(?:(?P<past>{_COUNT}) (?P<unit>day|week|month|year)s? ago"
        rf"|in (?P<future>{_COUNT}) (?P<unit2>day|week|month|year)s?)\b",
        _count_away,
        relative=True,
    ),
    _form(
        rf"\b(?:in|since|during|until|by|from|to|early|late|last|this past) ({_MONTH})",
        _bare_month,
        relative=True,
        exact=True,
    ),
    _form(rf"\b(?:in|since|during|until|till|by|from|to|of|year) ({_YEAR})", _bare_year),
)
