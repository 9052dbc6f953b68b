"""What is said of somebody's own: their sister, their cat, their birthday."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mnemos_graph.language.offline.lexicon import KIN, LANGUAGES, NATIONALITIES, PETS, SEVERAL
from mnemos_graph.language.offline.personal import birthday
from mnemos_graph.language.offline.stated import (
    Stated,
    animal,
    ended,
    organization,
    person,
    place,
)
from mnemos_graph.language.offline.targets import name_in, thing_in

EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
PHONE = re.compile(r"\+?\d[\d ()/.-]{5,20}\d")
_CALLED = r"(?:(?:'s|s') name is|is called|is named|, named|, called|named|called)\s+"
_FAVOURITE = re.compile(
    r"(?:\w+ )?favou?rite ((?:[a-z]+ ){1,3})(?:is|are|has always been)\s+(?!no longer|not\b)"
)
_NAMED = re.compile(r"(?:full |first )?name is\s+")
_BIRTHDAY = re.compile(r"(?:birthday|bday|birth date|date of birth) is\s+(?:on\s+)?(?:the\s+)?")
_EMAIL_IS = re.compile(r"(?:(?P<which>\w+) )?e-?mail(?: address)? is\s+")
_PHONE_IS = re.compile(
    r"(?:(?P<which>\w+) )?(?:phone|mobile|cell|telephone)(?: number)? is\s+|(?:new )?number is\s+(?=\+?\d)"
)
_ONE_OF_SEVERAL = frozenset(
    ["work", "office", "business", "home", "old", "second", "other", "backup", "school"]
)
_HOME_IS = re.compile(r"home(?: ?town)? is (?:now )?(?:in\s+)?(?=[A-Z])")
_HOMETOWN = re.compile(r"home ?town is\s+(?=[A-Z])")
_EMPLOYER_IS = re.compile(r"(?:(?:new|current) )?employer is (?:now )?(?=[A-Z])")
_ADDRESS_IS = re.compile(
    r"(?:(?:new|home|postal) )?address is (?:now )?(?=\S*\d|[A-Z])(?P<where>.+)$"
)
_HAVE = re.compile(r"(?:have|has)(?: got)?\b|(?:just |recently )?(?:got|adopted|rescued)\b|owns?\b")
_EACH = re.compile(
    r"\b(?:an?|another|one)\s+(?:[\w-]+ ){0,3}?(?P<noun>[a-z-]+)"
    rf"(?:\s+{_CALLED}|\s+whose name is\s+|, (?=[A-Z][\w-]+$))"
)
_NAMES = r"(?P<names>[A-Z][\w-]+(?:, [A-Z][\w-]+){0,5},? and [A-Z][\w-]+)"
_SEVERAL = re.compile(
    r"\b(?:two|three|four|five|six|[2-6]|both|my|our|lovely|grown)\s+(?:[a-z]+ ){0,2}?"
    rf"(?P<noun>[a-z]+)(?:,|:| named| called| are)?\s+{_NAMES}"
)
_SEVERAL_OF_MINE = re.compile(
    rf"(?:(?:two|three|four|five) )?(?P<noun>[a-z]+)(?:,|:| are| are called| are named)?\s+{_NAMES}"
)
_SOMEBODY = re.compile(
    r"\b(?:[Mm]y|[Oo]ur) (?:(?:older|younger|little|big|best|eldest|youngest|oldest|twin|late|dear|new|old) )?"
    r"(?P<noun>[a-z-]+),? (?=[A-Z])"
)
_KIN_TITLE = re.compile(
    r"(?<![\w-] )\b(?P<noun>Uncle|Aunt|Auntie|Grandma|Grandpa|Granny)\s+(?=(?!Sam\b|Jemima\b|Ben's\b)[A-Z])"
)
_IS_MY = re.compile(r"is (?:my|our)\s+(?:\w+ )?(?P<noun>[a-z-]+)$")
_IS_GONE = re.compile(
    r"(?:(?:has |just )*(?:died|passed away|passed on|passed)\b|(?:was|had to be) put (?:down|to sleep)|ran away)"
)
_GIVEN_AWAY = re.compile(
    r"(?:(?:have |has )?(?:gave|given)\s+(?P<name>[A-Z][\w-]+)\s+away|(?:gave away|rehomed)\s+(?P<other>[A-Z][\w-]+)"
    r"|(?:had to )?put\s+(?P<third>[A-Z][\w-]+) (?:to sleep|down)\b)"
)


def of_mine(says: str, at: datetime) -> Iterator[Stated]:
    """Yield what follows "my" states of the speaker."""
    if match := _FAVOURITE.match(says):
        what = thing_in(says[match.end() :], loose=True)
        if what:
            yield Stated("favourite_" + "_".join(match.group(1).split()), what)
    elif match := _NAMED.match(says):
        name, _ = name_in(says[match.end() :])
        if name:
            yield Stated("name", name)
    elif match := _BIRTHDAY.match(says):
        yield from birthday(says[match.end() :], at)
    elif match := _EMAIL_IS.match(says):
        if address := EMAIL.match(says[match.end() :]):
            yield Stated(_of_which("email", match["which"]), address.group().rstrip("."))
    elif match := _PHONE_IS.match(says):
        if number := PHONE.match(says[match.end() :]):
            yield Stated(_of_which("phone", match["which"]), number.group())
    else:
        yield from _somewhere(says)
        yield from _somebody(says)


def _of_which(predicate: str, which: str | None) -> str:
    """Return ``work_email`` for one of several that somebody has, which do not end each other."""
    return f"{which}_{predicate}" if which in _ONE_OF_SEVERAL else predicate


def _somewhere(says: str) -> Iterator[Stated]:
    if match := _HOMETOWN.match(says):
        name, _ = name_in(says[match.end() :])
        yield Stated("from", place(name))
    elif match := _HOME_IS.match(says):
        name, _ = name_in(says[match.end() :])
        yield Stated("lives_in", place(name))
    elif match := _EMPLOYER_IS.match(says):
        name, _ = name_in(says[match.end() :])
        yield Stated("works_at", organization(name))
    elif match := _ADDRESS_IS.match(says):
        yield Stated("address", match["where"].strip())


def named_kin(sentence: str) -> Iterator[Stated]:
    """Yield those of the speaker whom a sentence calls by name, whatever it says of them."""
    for match in _SOMEBODY.finditer(sentence):
        name, _ = name_in(sentence[match.end() :])
        yield from _called(match["noun"], name)
    for match in _KIN_TITLE.finditer(sentence):
        name, _ = name_in(sentence[match.end() :])
        yield from _called(match["noun"], name)


def owned(says: str, at: datetime) -> Iterator[Stated]:
    """Yield relatives and pets that somebody says to have, by name, or has given away."""
    if _HAVE.match(says):
        for match in _EACH.finditer(says):
            name, _ = name_in(says[match.end() :])
            yield from _called(match["noun"], name)
        for match in _SEVERAL.finditer(says):
            yield from _several(match)
    if given := _GIVEN_AWAY.match(says):
        yield ended("has_pet", animal(given["name"] or given["other"] or given["third"]), says, at)


def claimed(name: str, says: str, at: datetime) -> Iterator[Stated]:
    """Yield what "Anna is my sister" states of the speaker."""
    if match := _IS_MY.match(says):
        yield from _called(match["noun"], name)
    if _IS_GONE.match(says):
        yield ended("has_pet", animal(name), says, at)


def _somebody(says: str) -> Iterator[Stated]:
    if several := _SEVERAL_OF_MINE.match(says):
        yield from _several(several)
        return
    match = re.match(
        rf"(?:\w+ )?(?P<noun>[\w-]+?)(?:\s+|(?='s name)|(?=, ))(?:{_CALLED}|is\s+)?", says
    )
    for noun in (says.partition(" ")[0].removesuffix("'s"), match["noun"] if match else ""):
        if noun.lower() in KIN or noun.lower() in PETS:
            rest = says[says.index(noun) + len(noun) :].lstrip(" ,")
            rest = re.sub(rf"^(?:{_CALLED}|is\s+)", "", rest)
            name, _ = name_in(rest)
            if not rest.startswith(f"{name}'s"):
                yield from _called(noun, name)
            return


def _several(match: re.Match[str]) -> Iterator[Stated]:
    one = SEVERAL.get(match["noun"])
    for name in re.split(r", (?:and )?| and ", match["names"]) if one else ():
        yield from _called(one or "", name)


def _called(noun: str, name: str) -> Iterator[Stated]:
    if not name or name in NATIONALITIES or name in LANGUAGES:
        return
    if noun.lower() in KIN:
        yield Stated(KIN[noun.lower()], person(name))
    elif noun.lower() in PETS:
        yield Stated("has_pet", animal(name))
