"""Allergies, conditions, medicines and diets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mnemos_graph.language.offline.lexicon import CONDITIONS, DIETS, MEDICINES
from mnemos_graph.language.offline.stated import (
    BE,
    Said,
    Stated,
    begun,
    ended,
    lasting,
    relation,
)
from mnemos_graph.language.offline.targets import thing_in, things_in

_DOSE = re.compile(
    r"(?P<dose>\d+(?:[.,]\d+)? ?(?:mg|mcg|µg|ml|g|units?)) (?:of )?(?P<drug>[a-zA-Z-]+)"
)
_ALLERGY = re.compile(
    r"(?:an? )?(?:\w+ly )?(?:severe |bad |strong |serious )?(?:allergy to (?P<to>.+)|(?P<of>[a-z]+(?: [a-z]+)?) allergy\b)"
)
_INTOLERANT = re.compile(r"(?P<what>lactose|gluten|fructose|histamine)[- ]intolerant")
_IN_THE_FAMILY = re.compile(r"\b(?:in (?:my|the|our) family|runs? in)\b")
_OFF = re.compile(
    rf"(?:(?:have |has )?(?:stopped|quit) taking|came off|{BE} no longer (?:on|taking))\s+"
)


def stopping(says: str, at: datetime) -> Iterator[Stated]:
    """Yield the medicine that somebody takes no more."""
    if match := _OFF.match(says):
        for drug in _drugs(says[match.end() :]):
            yield ended("takes", drug, says, at)


def _allergic(said: Said) -> Iterator[Stated]:
    for thing in things_in(said.rest, loose=True):
        yield Stated("allergic_to", thing)


def _has_allergy(said: Said) -> Iterator[Stated]:
    if match := _ALLERGY.match(said.rest):
        yield from _allergic(Said(match["to"] or match["of"], said.at, said.lower))


def _condition(said: Said) -> Iterator[Stated]:
    if _IN_THE_FAMILY.search(said.rest):
        return
    for thing in things_in(said.rest):
        bare = re.sub(r"^(?:severe|mild|chronic|bad|terrible)\s+", "", thing)
        if bare.lower() in CONDITIONS or bare.split()[0].lower() in CONDITIONS:
            yield Stated("has_condition", bare, **lasting(said))


def _diagnosed(said: Said) -> Iterator[Stated]:
    thing = thing_in(said.rest)
    if thing:
        yield Stated("has_condition", thing, **begun(said))


def _intolerant(said: Said) -> Iterator[Stated]:
    if match := _INTOLERANT.match(said.rest):
        yield Stated("has_condition", f"{match['what']} intolerance")


def _takes(said: Said) -> Iterator[Stated]:
    for drug in _drugs(said.rest):
        yield Stated("takes", drug, **lasting(said))


def _drugs(text: str) -> Iterator[str]:
    if dose := _DOSE.match(text):
        yield f"{dose['dose']} of {dose['drug']}"
        return
    for thing in things_in(text):
        if thing.split()[-1].lower() in MEDICINES or thing.split()[0].lower() in MEDICINES:
            yield thing


def _diet(said: Said) -> Iterator[Stated]:
    word = re.split(r"[\s,.]", said.rest, maxsplit=1)[0].lower()
    if word in DIETS:
        yield Stated("diet", word, **lasting(said))


RELATIONS = (
    relation(rf"{BE} (?:\w+ly |very |quite |super |really )?allergic to\s+", _allergic),
    relation(r"(?:have|has|got) (?=[^,.;]{0,40}\ballergy\b)", _has_allergy),
    relation(rf"(?:have|has|suffers? from|{BE} living with)\s+(?:a |an |some )?", _condition),
    relation(r"(?:was|were|got|have been|has been) diagnosed with\s+", _diagnosed),
    relation(rf"{BE} ", _intolerant),
    relation(
        rf"(?:takes?|{BE} (?:on|taking)|have been (?:on|taking)|has been (?:on|taking))\s+", _takes
    ),
    relation(
        rf"(?:{BE}|(?:have|has) been|became|went|eats?|turned)(?: an?)?(?: strict| committed)? ",
        _diet,
    ),
)


_GIVES = re.compile(
    r"^(?P<thing>(?:[\w-]+ ){1,3}?)(?:gives?|causes?) me (?:an? )?(?:\w+ )?(?:allergic reaction|hives|allergies)\b"
)


def allergen(sentence: str) -> str:
    """Return what a sentence says to give the speaker an allergic reaction; empty: nothing."""
    found = _GIVES.match(sentence)
    thing = thing_in(found["thing"]) if found else ""
    return thing[:1].lower() + thing[1:]
