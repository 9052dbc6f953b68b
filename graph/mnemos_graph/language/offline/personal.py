"""Age, birthday, partner, children, languages: what is asked on a form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mnemos_graph.language.offline.dates import moments
from mnemos_graph.language.offline.lexicon import LANGUAGES, NATIONALITIES
from mnemos_graph.language.offline.stated import (
    BE,
    NUMBERS,
    Said,
    Stated,
    begun,
    ended,
    lasting,
    person,
    relation,
)
from mnemos_graph.language.offline.targets import name_in, things_in

COUPLE = ("married_to", "engaged_to", "partner", "girlfriend", "boyfriend")
"""What ends when two part."""

_PARTS = re.compile(
    r"(?:just |recently )?(?:got divorced from|divorced|(?:am |is |got )?separated from|broke up with"
    r"|split up with|split with)\s+(?=[A-Z])"
)


def birthday(text: str, at: datetime) -> Iterator[Stated]:
    """Yield the day of the year that ``text`` begins with, and its year where that is said."""
    for moment in moments(text, at)[:1]:
        if (
            moment.start <= len("on the ")
            and not moment.relative
            and (moment.until - moment.begin).days == 1
        ):
            dated = re.search(r"\b(?:19|20)\d\d\b", text[moment.start : moment.end])
            yield born_on(moment.begin, with_year=dated is not None)


def born_on(day: datetime, *, with_year: bool = False) -> Stated:
    spelled = f"{day:%B} {day.day}"
    return Stated("birthday", f"{spelled}, {day.year}" if with_year else spelled)


def parting(says: str, at: datetime) -> Iterator[Stated]:
    """Yield all that "broke up with Tom" can end; only what is believed ends."""
    if match := _PARTS.match(says):
        name, _ = name_in(says[match.end() :])
        if name:
            yield from parted(name, says, at)


def parted(name: str, says: str, at: datetime) -> Iterator[Stated]:
    for predicate in COUPLE:
        yield ended(predicate, person(name), says, at)


def _age(said: Said) -> Iterator[Stated]:
    if match := re.match(
        r"(1[01]\d|\d{1,2})(?=$|\s+years?[ -]old|\s+now\b|,?\s+and\b|\.(?!\d))", said.rest
    ):
        yield Stated("age", match.group(1))


def _turned(said: Said) -> Iterator[Stated]:
    if match := re.match(
        r"(1[01]\d|\d{1,2})\b(?![.:,]?\d)(?!\s*(?:pages|percent|%|left|right|degrees))", said.rest
    ):
        yield Stated("age", match.group(1), **begun(said))


def _married(said: Said) -> Iterator[Stated]:
    yield from _couple("married_to", said)


def _engaged(said: Said) -> Iterator[Stated]:
    yield from _couple("engaged_to", said)


def _dating(said: Said) -> Iterator[Stated]:
    yield from _couple("partner", said)


def _couple(predicate: str, said: Said) -> Iterator[Stated]:
    name, _ = name_in(said.rest)
    dates = lasting(said) or begun(said)
    since = dates.get("since")
    if name and (since is None or since <= said.at):
        yield Stated(predicate, person(name), since=since)


def _children(said: Said) -> Iterator[Stated]:
    count = said.rest.split()[0].lower() if said.rest else ""
    number = str(NUMBERS.index(count)) if count in NUMBERS else count
    if number.isdecimal():
        yield Stated("has_children", number)


def _speaks(said: Said) -> Iterator[Stated]:
    for language in things_in(said.rest):
        word = language.split()[-1].capitalize()
        if word not in LANGUAGES:
            return
        yield Stated("speaks", word)


def _nationality(said: Said) -> Iterator[Stated]:
    word = re.split(r"[\s,.]", said.rest, maxsplit=1)[0]
    if word in NATIONALITIES and not re.match(r"\w+ \w+", said.rest):
        yield Stated("nationality", word)


RELATIONS = (
    relation(rf"{BE}\s+(?=\d)", _age),
    relation(r"(?:just |recently )?turned\s+", _turned),
    relation(
        rf"(?:{BE}|has been|have been) (?:happily )?married to\s+|(?:just |recently )?(?:got )?married(?: to)?\s+(?=[A-Z])",
        _married,
    ),
    relation(rf"(?:just |recently )?(?:{BE}|got|became) engaged to\s+(?=[A-Z])", _engaged),
    relation(
        rf"(?:{BE}|(?:have|has) been|started) (?:dating|seeing|in a relationship with)\s+(?=[A-Z])",
        _dating,
    ),
    relation(
        r"(?:have|has) (?=\w+ (?:kids|children)\b(?! (?:in|at|over|coming|to|from)\b))", _children
    ),
    relation(
        rf"(?:speaks?|{BE} fluent in)\s+(?:fluent |some |both |a little |a bit of )?", _speaks
    ),
    relation(rf"{BE} (?:an? )?", _nationality),
)
