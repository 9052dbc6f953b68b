"""What a verb phrase states, and what the readers of relations share: dates, names, their table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from mnemos_graph.language.extractor import CandidateEntity
from mnemos_graph.language.offline.dates import Moment, moments, years_before

Target = CandidateEntity | str

BE = r"(?:am|is|are)"

_SINCE = re.compile(r"\bsince\b")
_FOR_YEARS = re.compile(
    r"\bfor (?:the (?:last|past) )?(?P<years>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten) years?\b"
)
_FROM_TO = re.compile(r"\bfrom (?P<a>(?:19|20)\d\d) (?:to|until|till) (?P<b>(?:19|20)\d\d)\b")
NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A relation of the clause's subject."""

    predicate: str
    target: Target
    since: datetime | None = None
    until: datetime | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What follows a verb, and what is known about the sentence around it."""

    rest: str
    at: datetime
    lower: bool = False
    """Its sentence has no capitals: names cannot be told by them."""


Read = Callable[[Said], Iterator[Stated]]
Relation = tuple[re.Pattern[str], Read]
"""How a verb phrase begins that states something, and what reads the rest of it."""


class Dated(TypedDict, total=False):
    """What is known of when."""

    since: datetime | None
    until: datetime | None


def relation(pattern: str, read: Read) -> Relation:
    return re.compile(pattern), read


def read_by(
    relations: Iterable[Relation], says: str, at: datetime, *, lower: bool
) -> Iterator[Stated]:
    for pattern, read in relations:
        if match := pattern.match(says):
            yield from read(Said(says[match.end() :], at, lower))


def lasting(said: Said) -> Dated:
    """The dates of something that lasts: "since 2019", "for three years", "from 2010 to 2015"."""
    if both := _FROM_TO.search(said.rest):
        begin = moments(f"in {both['a']}", said.at)[0]
        end = moments(f"in {both['b']}", said.at)[0]
        return {"since": begin.begin, "until": end.until}
    if since := _SINCE.search(said.rest):
        found = moments(said.rest[since.start() :], said.at)
        return {"since": found[0].begin if found else None}
    if years := _FOR_YEARS.search(said.rest):
        written = years["years"]
        count = NUMBERS.index(written) if written in NUMBERS else int(written)
        with suppress(ValueError):  # before the first year there is
            return {"since": years_before(said.at, count)}
    return {}


def has_both_ends(said: Said) -> bool:
    return _FROM_TO.search(said.rest) is not None


def begun(said: Said) -> Dated:
    """The date of something that began: "moved in March 2022"."""
    found: list[Moment] = moments(said.rest, said.at)
    return {"since": found[0].begin if found else None}


def ended(predicate: str, target: Target, text: str, at: datetime) -> Stated:
    """Something that stopped, when ``text`` says or else when it was told."""
    return Stated(predicate, target, until=first_past(text, at), ended=True)


def first_past(text: str, at: datetime) -> datetime | None:
    found = moments(text, at)
    return found[0].begin if found and found[0].begin <= at else None


def person(name: str) -> CandidateEntity:
    return CandidateEntity(name=name, kind="PERSON")


def place(name: str) -> CandidateEntity:
    return CandidateEntity(name=name, kind="PLACE")


def organization(name: str) -> CandidateEntity:
    return CandidateEntity(name=name, kind="ORGANIZATION")


def product(name: str) -> CandidateEntity:
    return CandidateEntity(name=name, kind="PRODUCT")


def animal(name: str) -> CandidateEntity:
    return CandidateEntity(name=name, kind="ANIMAL")
