"""Where somebody works and studies, and as what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mnemos_graph.language.offline.dwelling import lives
from mnemos_graph.language.offline.lexicon import JOBS, NO_PLACES
from mnemos_graph.language.offline.stated import (
    BE,
    Said,
    Stated,
    begun,
    ended,
    lasting,
    organization,
    relation,
)
from mnemos_graph.language.offline.targets import name_in, thing_in

_AS = re.compile(r"(?:in [\w-]+ )?as (?:(?:a|an|the|their|its) )?\s*")
_CALLED = re.compile(r"(?:a|an)\s[^,.;]{2,50}?\s(?:called|named)\s+(?=[A-Z])")
_RANKS = frozenset(["head", "director", "chief", "manager", "professor", "president", "vp"])
_LEAVES = re.compile(
    r"(?:just |recently )?(?:(?:have |has )?(?:quit|lost|left|resigned from|retired from)"
    r"|(?:was |were |got |been |have been |has been )+(?:laid off|let go|fired|made redundant)(?: from| by)?)"
    r"\s+(?P<job>(?:(?:my|his|her|their|a|the) )?(?:\w+ )?(?:job|position|role|work) (?:at|with|from|as an?) )?"
)
_AS_A = re.compile(r".{0,30}? as an? ")
_FOR_NOW = re.compile(
    r"(?:today|tonight|tomorrow|yesterday|this (?:morning|afternoon|evening|week|weekend)|at (?:\d|noon|six|seven|eight|nine|ten|five|four|three)"
    r"|early|late|around|by|before|after (?:lunch|work|dinner|school)|on (?:my|a|the|foot))\b"
)
"""Where somebody is for an hour or a week, not whom they work for."""
_SINCE_THEN = re.compile(
    r"$|[,.;!]|(?:as|and|last|this|two|three|four|a|\d+|recently|back|full|part|after|when|because"
    r"|in (?:\w+ )?(?:(?:19|20)\d\d|January|February|March|April|May|June|July|August|September|October"
    r"|November|December))\b"
)
_BESIDES = re.compile(
    r"\b(?:in my (?:spare|free) time|as a hobby|on the side|on weekends|at heart|by training|at night)\b"
)
_SCHOOLS = re.compile(r"\b(?:University|College|School|Institute|Academy|Polytechnic|ETH|MIT)\b")


def _works(said: Said) -> Iterator[Stated]:
    called = _CALLED.match(said.rest)
    name, rest = name_in(said.rest[called.end() if called else 0 :], lower=said.lower)
    if name and not _FOR_NOW.match(rest):
        yield Stated("works_at", organization(name), **lasting(said))
        if match := _AS.match(rest):
            yield from _job(Said(rest[match.end() :], said.at, said.lower))


def _joined(said: Said) -> Iterator[Stated]:
    called = _CALLED.match(said.rest)
    name, rest = name_in(said.rest[called.end() if called else 0 :], lower=said.lower)
    if name and _SINCE_THEN.match(rest) and name.split()[0] not in NO_PLACES:
        yield Stated("works_at", organization(name), **begun(said))
        if match := _AS.match(rest):
            yield from _job(Said(rest[match.end() :], said.at, said.lower))


def _job(said: Said) -> Iterator[Stated]:
    title = thing_in(said.rest)
    words = re.split(r"\s(?:based|living|working|who|now)\b", title)[0].split()
    if words and len(words) <= 4 and _is_job(words) and not _BESIDES.search(said.rest):
        yield Stated("job", " ".join(words), **lasting(said))
        behind = said.rest[said.rest.find(words[-1]) + len(words[-1]) :]
        if at := re.match(r"[^,;.]{0,20}?\b(?:at|for|with)\s+", behind):
            yield from _works(Said(behind[at.end() :], said.at, lower=False))
        if based := re.search(r"\b(?:based|living) in\s+", said.rest):
            yield from lives(Said(said.rest[based.end() :], said.at, said.lower))


def _is_job(words: list[str]) -> bool:
    if "of" in words[1:]:
        rank = words[words.index("of") - 1].lower()
        return rank in _RANKS or rank in JOBS
    return words[-1].lower() in JOBS


def _promoted(said: Said) -> Iterator[Stated]:
    for stated in _job(said):
        yield Stated(stated.predicate, stated.target, **begun(said))


def _studies(said: Said) -> Iterator[Stated]:
    at = re.search(r"(?:^|\s)(?:at|with)\s+", said.rest)
    subject = "" if at and not said.rest[: at.start()].strip() else thing_in(said.rest)
    if subject and not subject.startswith(("for ", "hard")):
        yield Stated("studies", subject)
    if at:
        yield from _studies_at(Said(said.rest[at.end() :], said.at, said.lower))


def _studies_at(said: Said) -> Iterator[Stated]:
    name, rest = name_in(said.rest, lower=said.lower)
    if name and said.lower and (kind := re.match(r"(?:university|college)\b", rest)):
        name = f"{name} {kind.group().capitalize()}"
    if name:
        yield Stated("studies_at", organization(name), **lasting(said))


def _student(said: Said) -> Iterator[Stated]:
    found = re.match(
        r"(?:[\w-]+[- ]year )?(?:(?P<what>(?!high|medical|phd|exchange)[a-z]+) )?student(?: (?:at|in) )?",
        said.rest,
        re.IGNORECASE,
    )
    if found is None:
        return
    if found["what"]:
        yield Stated("studies", found["what"])
    yield from _studies_at(Said(said.rest[found.end() :], said.at, said.lower))


def _begins_at(said: Said) -> Iterator[Stated]:
    name, _ = name_in(said.rest)
    if _SCHOOLS.search(name):
        yield Stated("studies_at", organization(name), **begun(said))


def leaving(says: str, at: datetime) -> Iterator[Stated]:
    """Yield the workplace that somebody left, was laid off from or retired from."""
    match = _LEAVES.match(says)
    if match is None:
        return
    if match["job"] and (title := _AS_A.match(says, match.start("job"))):
        for stated in _job(Said(says[title.end() :], at)):
            yield ended(stated.predicate, stated.target, says, at)
        return
    name, rest = name_in(says[match.end() :], lower=False)
    if match.group().rstrip().endswith("left") and _FOR_NOW.match(rest):
        return
    if name and (match["job"] or match.group().rstrip().endswith(("from", "by", "left"))):
        yield ended("works_at", organization(name), says, at)


RELATIONS = (
    relation(
        r"(?:have |has )?(?:works?|been working|worked(?= .*\b(?:since|years?)\b)) (?:at|for)\s+",
        _works,
    ),
    relation(rf"{BE} (?:now )?at\s+(?=[A-Z][^,.;]{{1,40}} (?:now|these days)\b)", _works),
    relation(rf"{BE} now at\s+(?=[A-Z])", _works),
    relation(rf"{BE} (?:working|employed) (?:at|for|by)\s+", _works),
    relation(
        r"(?:leads?|runs?|manages?|heads?) (?:the|a|our) [^,.;]{2,40}?(?:team|department|group|unit|office|lab)"
        r"[^,.;]{0,20}? at\s+(?=[A-Z])",
        _works,
    ),
    relation(
        r"(?:just |recently )?(?:started (?:working|a (?:new )?job|my new job)|got a (?:new )?job|began working) (?:at|for|with)\s+",
        _joined,
    ),
    relation(
        r"(?:have |has )?(?:just |recently )?joined\s+(?=[A-Z]|an? [\w -]{2,40} (?:called|named) )",
        _joined,
    ),
    relation(
        rf"(?:{BE}|(?:have|has) been|works? as|(?:have|has) been working as|{BE} working as|became|worked as(?= .*\bsince\b)) (?:a|an|the)\s+",
        _job,
    ),
    relation(r"(?:(?:got|was|were|have been|has been) )?promoted to (?:(?:a|an|the) )?", _promoted),
    relation(rf"(?:stud(?:y|ies)|{BE} studying)\s+", _studies),
    relation(rf"{BE} an? (?=(?:[\w-]+ ){{0,3}}student\b)", _student),
    relation(
        r"(?:started|began|enrolled|got accepted|got in|starts?) (?:at|to|in)\s+(?=[A-Z])",
        _begins_at,
    ),
)
