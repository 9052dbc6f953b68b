"""What somebody likes, dislikes, prefers, plays and learns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mnemos_graph.language.offline.lexicon import INSTRUMENTS_AND_SPORTS, KIN, LANGUAGES
from mnemos_graph.language.offline.stated import BE, Said, Stated, begun, relation
from mnemos_graph.language.offline.targets import thing_in, things_in

_SKILLS = frozenset(
    [
        *("cook", "code", "dance", "dive", "draw", "drive", "knit", "paint", "program", "sail"),
        *("sew", "sing", "ski", "surf", "swim", "weave"),
    ]
)
_DISLIKES = re.compile(
    rf"(?:do|does) not (?:\w+ly )?(?:like|enjoy|care for)\s+|cannot stand\s+"
    rf"|(?:hates?|dislikes?|despises?|loathes?)\s+|{BE} not (?:really )?(?:a (?:big |huge )?fan of|into|fond of)\s+"
)


def dislikes(says: str) -> Iterator[Stated]:
    """Yield what "hates" and "does not like" state; they are no denials of a liking only."""
    if match := _DISLIKES.match(says):
        for thing in things_in(says[match.end() :], loose=True):
            yield Stated("dislikes", thing)


def _likes(said: Said) -> Iterator[Stated]:
    if said.rest.startswith(("the ", "all the ")):
        return  # this very one, in the talk at hand
    for thing in things_in(said.rest, loose=True):
        if not _SOMEBODY.match(thing):
            yield Stated("likes", thing)


def _prefers(said: Said) -> Iterator[Stated]:
    thing = thing_in(said.rest, loose=True)
    if thing:
        yield Stated("prefers", thing)


def _plays(said: Said) -> Iterator[Stated]:
    for thing in things_in(said.rest):
        words = thing.split()
        if words[0].lower() in INSTRUMENTS_AND_SPORTS and (len(words) == 1 or words[1] in _HOW):
            yield Stated("plays", words[0])
        elif words[-1].lower() in INSTRUMENTS_AND_SPORTS:
            yield Stated("plays", thing)


_SOMEBODY = re.compile(rf"(?:my|our) (?:\w+ )?(?:{'|'.join(KIN)})\b")
_HOW = frozenset(["online", "professionally", "competitively", "regularly", "sometimes", "weekly"])


def _learns(said: Said) -> Iterator[Stated]:
    for thing in things_in(said.rest):
        last = thing.split()[-1]
        known = INSTRUMENTS_AND_SPORTS | _SKILLS
        if last.lower() in known or last.capitalize() in LANGUAGES:
            yield Stated("learns", thing, **begun(said))


RELATIONS = (
    relation(r"(?:(?:do|does|really) )?(?:loves?|likes?|enjoys?|adores?)\s+(?!to\b)", _likes),
    relation(
        rf"{BE} (?:a (?:big|huge) fan of|fond of|(?:really |very )?into|passionate about)\s+",
        _likes,
    ),
    relation(r"(?:always )?prefers?\s+", _prefers),
    relation(
        r"(?:plays?|have played|has played|have been playing|has been playing|started playing) (?:the |acoustic |electric )?",
        _plays,
    ),
    relation(
        rf"(?:{BE}|(?:just )?started|began|(?:have|has) been) learning (?:how )?(?:to )?(?:play |speak )?(?:the )?",
        _learns,
    ),
)
