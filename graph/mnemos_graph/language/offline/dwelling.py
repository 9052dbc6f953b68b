"""Where somebody lives, comes from and was born."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mnemos_graph.language.offline.dates import moments
from mnemos_graph.language.offline.lexicon import NO_PLACES
from mnemos_graph.language.offline.personal import birthday
from mnemos_graph.language.offline.stated import (
    BE,
    Said,
    Stated,
    begun,
    has_both_ends,
    lasting,
    place,
    relation,
)
from mnemos_graph.language.offline.targets import name_in

_NO_GROUP = (
    r"(?!a\b|the (?!Netherlands|Philippines|US|UK|United|Czech|Dominican|Bahamas|Maldives|Gambia|Hague"
    r"|Bronx|Midwest|Congo|Ivory|Faroe|Canary|Emirates))"
)
_BESIDE = r"(?:with|alone|together|happily|right|just|now|back)\b[^,.;]{0,60}? in\s+(?=[A-Z])"


def _somewhere(text: str, *, lower: bool = False) -> str:
    """Return the name of a place at the beginning; empty where it is none, or another thing's."""
    name, _ = name_in(text, lower=lower)
    return "" if name and name.split()[0] in NO_PLACES else name


def lives(said: Said) -> Iterator[Stated]:
    name = _somewhere(said.rest, lower=said.lower)
    if name:
        yield Stated("lives_in", place(name), **lasting(said))


def _lived(said: Said) -> Iterator[Stated]:
    if has_both_ends(said):
        yield from lives(said)


def _moved(said: Said) -> Iterator[Stated]:
    since = begun(said).get("since")
    if since is not None and since > said.at:
        return
    if origin := re.search(r"\bfrom\s+", said.rest):
        name = _somewhere(said.rest[origin.end() :])
        if name:
            yield Stated("lives_in", place(name), until=since, ended=True)
    aim = re.search(r"(?:^|\s)to\s+|^\s*in(?:to)?\s[^,.;]{2,50}?\sin\s+(?=[A-Z])", said.rest)
    name = _somewhere(said.rest[aim.end() :], lower=said.lower) if aim else ""
    if name:
        yield Stated("lives_in", place(name), since=since)


def _from(said: Said) -> Iterator[Stated]:
    name = _somewhere(said.rest, lower=said.lower)
    if name and not moments(f"from {name}", said.at):
        yield Stated("from", place(name))


def _born(said: Said) -> Iterator[Stated]:
    if match := re.match(r"(?:and raised )?in\s+", said.rest):
        name, _ = name_in(said.rest[match.end() :])
        if name and not moments(said.rest[: match.end() + len(name) + 5], said.at):
            yield Stated("born_in", place(name))
    elif re.match(r"on\s+", said.rest):
        yield from birthday(said.rest, said.at)


RELATIONS = (
    relation(
        r"(?:have |has )?(?:lives?|been living|resides?|lived(?= .*\b(?:since|years)\b)) in\s+",
        lives,
    ),
    relation(rf"lives? {_BESIDE}", lives),
    relation(rf"{BE} (?:living|based|settled|currently living) in\s+", lives),
    relation(r"(?:have |has )?settled (?:down )?in\s+", lives),
    relation(r"lived in\s+", _lived),
    relation(r"(?:have |has )?(?:just |recently |finally )?(?:moved|relocated)\b(?= )", _moved),
    relation(rf"(?:{BE}|comes?) (?:\w+ly )?from\s+{_NO_GROUP}", _from),
    relation(r"(?:was |were )?(?:grew|raised|brought)(?: up)? in\s+(?=[A-Z])", _from),
    relation(r"(?:was |were )born\s+", _born),
)
