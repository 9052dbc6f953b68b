"""Relations by their verbs: what "lives in", "is a nurse at" and their like state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from mnemos_graph.language.extractor import CandidateEntity
from mnemos_graph.language.offline.dates import Moment, moments, years_before
from mnemos_graph.language.offline.lexicon import (
    DIETS,
    INSTRUMENTS_AND_SPORTS,
    JOBS,
    LANGUAGES,
    NATIONALITIES,
)
from mnemos_graph.language.offline.targets import name_in, thing_in, things_in

Target = CandidateEntity | str


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

_BE = r"(?:am|is|are)"
_ENDS_BEFORE = re.compile(
    r"^(?:no longer\s+|(?:do|does|am|is|are) no longer\s+|used to (?:be )?|stopped\s+|quit\s+)"
)
_NOT_ANY_MORE = re.compile(r"\b(?:any ?more|any longer)\b")
_DENIED = re.compile(
    r"^(?:(?:do|does|did|am|is|are|was|were|have|has|had) )?(?:not|never)\b|\bnever\b"
)
_SINCE = re.compile(r"\bsince\b")
_FOR_YEARS = re.compile(
    r"\bfor (?:the (?:last|past) )?(?P<years>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten) years?\b"
)
_FROM_TO = re.compile(r"\bfrom (?P<a>(?:19|20)\d\d) (?:to|until|till) (?P<b>(?:19|20)\d\d)\b")
_NUMBERS = [
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


def relations(says: str, at: datetime, *, lower: bool) -> Iterator[Stated]:
    """Yield what a clause, from its verb on, states of its subject. ``at``: when it was said."""
    ending = _ENDS_BEFORE.match(says)
    if ending or _NOT_ANY_MORE.search(says):
        bare = _NOT_ANY_MORE.sub("", says[ending.end() :] if ending else _undenied(says)).strip()
        for stated in _affirmed(_present(bare), at, lower=lower):
            yield Stated(stated.predicate, stated.target, until=_first(says, at), ended=True)
        return
    yield from _dislikes(says)
    if not _DENIED.search(says):
        yield from _affirmed(says, at, lower=lower)
        yield from _leaving(says, at, lower=lower)


def _undenied(says: str) -> str:
    return re.sub(r"^(?:do |does )?((?:am |is |are )?)not\s+", r"\1", says)


def _present(verb_phrase: str) -> str:
    if re.match(rf"(?:a|an|{'|'.join(DIETS)})\b", verb_phrase):
        return f"is {verb_phrase}"
    return re.sub(r"^(liv|work|study|play|lik|lov|enjoy|teach)ing\b", _plain, verb_phrase)


def _plain(match: re.Match[str]) -> str:
    stem = match.group(1)
    return f"{stem}e" if stem in {"liv", "lik", "lov"} else stem


def _affirmed(says: str, at: datetime, *, lower: bool) -> Iterator[Stated]:
    for pattern, read in _RELATIONS:
        if match := pattern.match(says):
            yield from read(Said(says[match.end() :], at, lower))


def _dislikes(says: str) -> Iterator[Stated]:
    if match := re.match(
        r"(?:do|does) not (?:really )?(?:like|enjoy)\s+|cannot stand\s+|(?:hates?|dislikes?|despises?)\s+",
        says,
    ):
        for thing in things_in(says[match.end() :], loose=True):
            yield Stated("dislikes", thing)


def _leaving(says: str, at: datetime, *, lower: bool) -> Iterator[Stated]:
    if match := re.match(
        r"(?:just |recently )?(?:quit|lost|left|resigned from|retired from) (?:my (?:job|position) (?:at|with) )?",
        says,
    ):
        name, _ = name_in(says[match.end() :], lower=False)
        if name and (match.group().rstrip().endswith(("at", "with", "from"))):
            yield Stated("works_at", _organization(name), until=_first(says, at), ended=True)


def _first(text: str, at: datetime) -> datetime | None:
    found = moments(text, at)
    return found[0].begin if found and found[0].begin <= at else None


class Dated(TypedDict, total=False):
    """What is known of when."""

    since: datetime | None
    until: datetime | None


def _state(said: Said) -> Dated:
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
        count = _NUMBERS.index(written) if written in _NUMBERS else int(written)
        return {"since": years_before(said.at, count)}
    return {}


def _began(said: Said) -> Dated:
    """The date of something that began: "moved in March 2022"."""
    found: list[Moment] = moments(said.rest, said.at)
    return {"since": found[0].begin if found else None}


def _place(name: str) -> CandidateEntity:
    return CandidateEntity(name=name, kind="PLACE")


def _organization(name: str) -> CandidateEntity:
    return CandidateEntity(name=name, kind="ORGANIZATION")


def _lives(said: Said) -> Iterator[Stated]:
    name, _ = name_in(said.rest, lower=said.lower)
    if name:
        yield Stated("lives_in", _place(name), **_state(said))


def _lived(said: Said) -> Iterator[Stated]:
    name, _ = name_in(said.rest, lower=said.lower)
    if name and _FROM_TO.search(said.rest):
        yield Stated("lives_in", _place(name), **_state(said))


def _moved(said: Said) -> Iterator[Stated]:
    since = _began(said).get("since")
    if since is not None and since > said.at:
        return
    if origin := re.search(r"\bfrom\s+", said.rest):
        name, _ = name_in(said.rest[origin.end() :])
        if name:
            yield Stated("lives_in", _place(name), until=since, ended=True)
    aim = re.search(r"(?:^|\s)to\s+", said.rest)
    name, _ = name_in(said.rest[aim.end() :], lower=said.lower) if aim else ("", "")
    if name:
        yield Stated("lives_in", _place(name), since=since)


def _works(said: Said) -> Iterator[Stated]:
    name, rest = name_in(said.rest, lower=said.lower)
    if name:
        yield Stated("works_at", _organization(name), **_state(said))
        if match := re.match(r"as (?:a|an|the)\s+", rest):
            yield from _job(Said(rest[match.end() :], said.at, said.lower))


def _joined(said: Said) -> Iterator[Stated]:
    name, _ = name_in(said.rest, lower=said.lower)
    if name:
        yield Stated("works_at", _organization(name), **_began(said))


def _job(said: Said) -> Iterator[Stated]:
    title = thing_in(said.rest)
    words = re.split(r"\s(?:based|living|working|who)\b", title)[0].split()
    if words and words[-1].lower() in JOBS and len(words) <= 4:
        yield Stated("job", " ".join(words), **_state(said))
        if at := re.search(r"\b(?:at|for|with)\s+", said.rest):
            yield from _works(Said(said.rest[at.end() :], said.at, lower=False))
        if based := re.search(r"\b(?:based|living) in\s+", said.rest):
            yield from _lives(Said(said.rest[based.end() :], said.at, said.lower))


def _born(said: Said) -> Iterator[Stated]:
    if match := re.match(r"(?:and raised )?in\s+", said.rest):
        name, _ = name_in(said.rest[match.end() :])
        if name and not moments(said.rest[: match.end() + len(name) + 5], said.at):
            yield Stated("born_in", _place(name))
    elif re.match(r"on\s+", said.rest):
        yield from birthday(said.rest, said.at)


def birthday(text: str, at: datetime) -> Iterator[Stated]:
    """Yield the day of the year that ``text`` begins with, and its year where that is said."""
    for moment in moments(text, at)[:1]:
        if (
            moment.start <= len("on the ")
            and not moment.relative
            and (moment.until - moment.begin).days == 1
        ):
            day = f"{moment.begin:%B} {moment.begin.day}"
            dated = re.search(r"\b(?:19|20)\d\d\b", text[moment.start : moment.end])
            yield Stated("birthday", f"{day}, {moment.begin.year}" if dated else day)


def _age(said: Said) -> Iterator[Stated]:
    if match := re.match(r"(\d{1,3})(?=$|\s+years?[ -]old|\s+now\b|,?\s+and\b|\.)", said.rest):
        yield Stated("age", match.group(1))


def _turned(said: Said) -> Iterator[Stated]:
    if match := re.match(r"(\d{1,3})\b(?!\s*(?:pages|percent|%))", said.rest):
        yield Stated("age", match.group(1), **_began(said))


def _likes(said: Said) -> Iterator[Stated]:
    if said.rest.startswith(("the ", "all the ")):
        return  # this very one, in the talk at hand
    for thing in things_in(said.rest, loose=True):
        yield Stated("likes", thing)


def _prefers(said: Said) -> Iterator[Stated]:
    thing = thing_in(said.rest, loose=True)
    if thing:
        yield Stated("prefers", thing)


def _married(said: Said) -> Iterator[Stated]:
    name, _ = name_in(said.rest)
    if name:
        yield Stated("married_to", CandidateEntity(name=name, kind="PERSON"))


def _studies(said: Said) -> Iterator[Stated]:
    at = re.search(r"(?:^|\s)(?:at|with)\s+", said.rest)
    subject = "" if at and not said.rest[: at.start()].strip() else thing_in(said.rest)
    if subject and not subject.startswith(("for ", "hard")):
        yield Stated("studies", subject)
    if at:
        name, _ = name_in(said.rest[at.end() :])
        if name:
            yield Stated("studies_at", _organization(name), **_state(said))


def _speaks(said: Said) -> Iterator[Stated]:
    for language in things_in(said.rest):
        word = language.split()[-1].capitalize()
        if word not in LANGUAGES:
            return
        yield Stated("speaks", word)


def _allergic(said: Said) -> Iterator[Stated]:
    for thing in things_in(said.rest, loose=True):
        yield Stated("allergic_to", thing)


def _is(said: Said) -> Iterator[Stated]:
    word = re.split(r"[\s,.]", said.rest, maxsplit=1)[0]
    if word.lower() in DIETS:
        yield Stated("diet", word.lower())
    if word in NATIONALITIES and not re.match(r"\w+ \w+", said.rest):
        yield Stated("nationality", word)


def _plays(said: Said) -> Iterator[Stated]:
    for thing in things_in(said.rest):
        if thing.split()[-1].lower() in INSTRUMENTS_AND_SPORTS:
            yield Stated("plays", thing)


def _children(said: Said) -> Iterator[Stated]:
    count = said.rest.split()[0] if said.rest else ""
    number = str(_NUMBERS.index(count)) if count in _NUMBERS else count
    if number.isdecimal():
        yield Stated("has_children", number)


def _relation(pattern: str, read: Read) -> tuple[re.Pattern[str], Read]:
    return re.compile(pattern), read


_RELATIONS = (
    _relation(
        r"(?:have |has )?(?:lives?|been living|resides?|lived(?= .*\bsince\b)) in\s+", _lives
    ),
    _relation(rf"{_BE} (?:living|based|currently living) in\s+", _lives),
    _relation(r"lived in\s+", _lived),
    _relation(r"(?:have |has )?(?:just |recently )?(?:moved|relocated)\b(?= )", _moved),
    _relation(
        r"(?:have |has )?(?:works?|been working|worked(?= .*\bsince\b)) (?:at|for)\s+", _works
    ),
    _relation(rf"{_BE} (?:working|employed) (?:at|for|by)\s+", _works),
    _relation(
        r"(?:just |recently )?(?:started (?:working|a (?:new )?job|my new job)|got a (?:new )?job|began working) (?:at|for|with)\s+",
        _joined,
    ),
    _relation(r"(?:just |recently )?joined\s+(?=[A-Z])", _joined),
    _relation(rf"(?:{_BE}|works? as|{_BE} working as|became) (?:a|an)\s+", _job),
    _relation(r"(?:was |were )born\s+", _born),
    _relation(rf"{_BE}\s+(?=\d)", _age),
    _relation(r"(?:just |recently )?turned\s+", _turned),
    _relation(r"(?:loves?|likes?|enjoys?|adores?)\s+(?!to\b)", _likes),
    _relation(rf"{_BE} (?:a (?:big|huge) fan of|fond of|into)\s+", _likes),
    _relation(r"prefers?\s+", _prefers),
    _relation(
        rf"{_BE} (?:happily )?married to\s+|(?:just |recently )?(?:married|got married to)\s+(?=[A-Z])",
        _married,
    ),
    _relation(rf"(?:stud(?:y|ies)|{_BE} studying)\s+", _studies),
    _relation(rf"{_BE} a student (?=at )", _studies),
    _relation(
        rf"(?:speaks?|{_BE} fluent in)\s+(?:fluent |some |both |a little |a bit of )?", _speaks
    ),
    _relation(rf"{_BE} (?:very |severely |deathly )?allergic to\s+", _allergic),
    _relation(rf"{_BE} (?:an? )?", _is),
    _relation(r"(?:plays?) (?:the )?", _plays),
    _relation(r"(?:have|has) (?=\w+ (?:kids|children)\b)", _children),
)
