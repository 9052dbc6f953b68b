"""What somebody owns and uses: things that have a name, and the few that everybody counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mnemos_graph.language.offline.lexicon import LANGUAGES, NATIONALITIES, NOT_OWNED, OWNED
from mnemos_graph.language.offline.stated import (
    BE,
    Said,
    Stated,
    begun,
    ended,
    lasting,
    product,
    relation,
)
from mnemos_graph.language.offline.targets import name_in, thing_in

_MODEL = re.compile(r"(?:[A-Z]?\d[\w-]*)\b")
_ENDS_HERE = re.compile(
    r"$|[,.;!]|(?:for|since|and|but|that|which|from|with|as|to|on|at|in|now|myself|last|this|yesterday|today|a|two|three|instead)\b"
)
_ADJECTIVES = r"(?:(?:new|old|used|small|big|red|blue|black|white|green|vintage|second-hand|brand-new|second|own|little|electric)\s+)*"
_AWAY = re.compile(
    r"(?:(?:have |has )?(?:just |recently )?(?:sold|gave away|got rid of|scrapped|lost))\s+(?:my|our|the|his|her)\s+"
    + _ADJECTIVES
)
_UNUSED = re.compile(
    rf"(?:(?:have |has )?(?:stopped|quit) using|{BE} no longer (?:using|on)|(?:do|does) not use|no longer uses?)\s+"
)
_SWITCHED = re.compile(
    r"(?:have |has )?(?:just |recently )?(?:switched|migrated)\b[^,.;]{0,30}?(?: from (?P<old>[A-Z][\w .-]{0,40}?))? to (?=[A-Z])"
)


def giving_away(says: str, at: datetime) -> Iterator[Stated]:
    """Yield what somebody has no more, or uses no more."""
    if match := _AWAY.match(says):
        yield from _ended_owning(says[match.end() :], at)
    if (match := _UNUSED.match(says)) and (name := _named(says[match.end() :])):
        yield ended("uses", product(name), says, at)
    if (match := _SWITCHED.match(says)) and match["old"] and (old := _named(match["old"])):
        yield ended("uses", product(old), says, at)


def _ended_owning(text: str, at: datetime) -> Iterator[Stated]:
    if name := _named(text):
        yield ended("owns", product(name), text, at)
    else:
        thing = thing_in(text)
        if thing and thing.split()[-1] in OWNED:
            yield ended("owns", thing, text, at)


def _has(said: Said) -> Iterator[Stated]:
    name = _named(said.rest, alone=True)
    if name and not (name.isupper() and len(name) < 5):
        yield Stated("owns", product(name), **lasting(said))


def _owns(said: Said) -> Iterator[Stated]:
    if name := _named(said.rest, alone=True):
        yield Stated("owns", product(name), **lasting(said))
        return
    thing = thing_in(said.rest)
    if thing and thing.split()[-1] in OWNED:
        yield Stated("owns", thing, **lasting(said))


def _bought(said: Said) -> Iterator[Stated]:
    for stated in _owns(said):
        since = begun(said).get("since")
        if since is None or since <= said.at:
            yield Stated("owns", stated.target, since=since)


def _uses(said: Said) -> Iterator[Stated]:
    if (name := _named(said.rest)) and name not in LANGUAGES:
        yield Stated("uses", product(name), **lasting(said))


def _switched(said: Said) -> Iterator[Stated]:
    found = re.search(r"\bto (?=[A-Z])", said.rest)
    if found and (name := _named(said.rest[found.end() :])):
        yield Stated("uses", product(name), **begun(said))


def _named(text: str, *, alone: bool = False) -> str:
    """Return the name at the beginning, with the figures of a model: "Tesla Model 3".

    ``alone``: only where nothing follows that it merely describes, as in "a Zoom call".
    """
    name, rest = name_in(text)
    if model := _MODEL.match(rest):
        name, rest = f"{name} {model.group()}", rest[model.end() :].strip()
    first = name.split()[0] if name else ""
    if not name or first in NATIONALITIES or name in NOT_OWNED:
        return ""
    return "" if alone and not _ENDS_HERE.match(rest) else name


RELATIONS = (
    relation(rf"(?:have|has|have got|has got) (?:an?|my own)\s+{_ADJECTIVES}(?=[A-Z])", _has),
    relation(rf"(?:owns?|drives?|rides?)\s+(?:an?|my|our)\s+{_ADJECTIVES}", _owns),
    relation(
        rf"(?:have |has )?(?:just |recently |finally )?bought (?:an?|my|our|myself an?|ourselves an?)\s+{_ADJECTIVES}",
        _bought,
    ),
    relation(r"(?:have been |has been )?us(?:e|es|ing)\s+(?=[A-Z])", _uses),
    relation(
        r"(?:have |has )?(?:just |recently )?(?:switched|migrated)\b(?=.{0,60} to [A-Z])", _switched
    ),
)
