"""What is said of the speaker's own: their sister, their cat, their birthday."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mnemos_graph.language.extractor import CandidateEntity
from mnemos_graph.language.offline.lexicon import KIN, PETS
from mnemos_graph.language.offline.relations import Stated, birthday
from mnemos_graph.language.offline.targets import name_in, thing_in

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PHONE = re.compile(r"\+?\d[\d ()/.-]{5,20}\d")
_CALLED = r"(?:(?:'s|s') name is|is called|is named|, named|, called|named|called)\s+"
_FAVOURITE = re.compile(r"favou?rite ((?:[a-z]+ ){1,3})(?:is|are|has always been)\s+")
_NAMED = re.compile(r"(?:full |first )?name is\s+")
_BIRTHDAY = re.compile(r"birthday is\s+(?:on\s+)?(?:the\s+)?")
_EMAIL_IS = re.compile(r"(?:\w+ )?e-?mail(?: address)? is\s+")
_PHONE_IS = re.compile(
    r"(?:\w+ )?(?:phone|mobile|cell|telephone)(?: number)? is\s+|number is\s+(?=\+?\d)"
)
_CALL_ME = re.compile(r"^(?:(?:please|just|you can)\s+)*call me\s+", re.IGNORECASE)
_REACH_ME = re.compile(
    r"\b(?:reach|e-?mail|contact|write to) me (?:at|on)\s+|\bmy e-?mail", re.IGNORECASE
)
_HAVE = re.compile(
    r"(?:have|has|got|adopted)\s+(?:a|an|another|one)\s+(?:[a-z]+ ){0,2}?(?P<noun>[a-z-]+)"
    rf"(?:\s+{_CALLED}|\s+whose name is\s+)"
)
_SOMEBODY = re.compile(
    r"\b(?:my|our) (?:(?:older|younger|little|big|best|eldest|youngest|oldest|twin|late|dear|new|old) )?"
    r"(?P<noun>[a-z-]+),? (?=[A-Z])"
)
_IS_FAVOURITE = re.compile(r"is (?:my|our) (?:all-time )?favou?rite (?P<noun>[a-z]+(?: [a-z]+)?)$")
_IS_MY = re.compile(r"is (?:my|our)\s+(?:\w+ )?(?P<noun>[a-z-]+)$")


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
        if address := _EMAIL.match(says[match.end() :]):
            yield Stated("email", address.group().rstrip("."))
    elif match := _PHONE_IS.match(says):
        if number := _PHONE.match(says[match.end() :]):
            yield Stated("phone", number.group())
    else:
        yield from _somebody(says)


def to_me(sentence: str) -> Iterator[Stated]:
    """Yield what a whole sentence states of how the speaker is called and reached."""
    if match := _CALL_ME.match(sentence):
        name, _ = name_in(sentence[match.end() :])
        if name:
            yield Stated("name", name)
    for match in _SOMEBODY.finditer(sentence):
        name, _ = name_in(sentence[match.end() :])
        yield from _called(match["noun"], name)
    reached = _REACH_ME.search(sentence)
    if reached and (address := _EMAIL.search(sentence, reached.end(), reached.end() + 100)):
        yield Stated("email", address.group().rstrip("."))


def owned(says: str) -> Iterator[Stated]:
    """Yield a relative or pet that the speaker says to have, by name."""
    if match := _HAVE.match(says):
        name, _ = name_in(says[match.end() :])
        yield from _called(match["noun"], name)


def claimed(name: str, says: str) -> Iterator[Stated]:
    """Yield what "Anna is my sister" states of the speaker."""
    if match := _IS_MY.match(says):
        yield from _called(match["noun"], name)
    if match := _IS_FAVOURITE.match(says):
        yield Stated("favourite_" + "_".join(match["noun"].split()), name)


def _somebody(says: str) -> Iterator[Stated]:
    match = re.match(
        rf"(?:\w+ )?(?P<noun>[\w-]+?)(?:\s+|(?='s name)|(?=, ))(?:{_CALLED}|is\s+)?", says
    )
    for noun in (says.partition(" ")[0].removesuffix("'s"), match["noun"] if match else ""):
        if noun.lower() in KIN or noun.lower() in PETS:
            rest = says[says.index(noun) + len(noun) :].lstrip(" ,")
            rest = re.sub(rf"^(?:{_CALLED}|is\s+)", "", rest)
            name, _ = name_in(rest)
            yield from _called(noun, name)
            return


def _called(noun: str, name: str) -> Iterator[Stated]:
    if not name:
        return
    if noun.lower() in KIN:
        yield Stated(KIN[noun.lower()], CandidateEntity(name=name, kind="PERSON"))
    elif noun.lower() in PETS:
        yield Stated("has_pet", CandidateEntity(name=name, kind="ANIMAL"))
