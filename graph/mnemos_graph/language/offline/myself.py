"""What a whole sentence states of who says it: how they are called and reached, what they love."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mnemos_graph.language.offline.belongings import EMAIL, PHONE, named_kin
from mnemos_graph.language.offline.dates import moments
from mnemos_graph.language.offline.health import allergen
from mnemos_graph.language.offline.personal import born_on
from mnemos_graph.language.offline.stated import Stated, organization, place
from mnemos_graph.language.offline.targets import name_in, thing_in

_CALL_ME = re.compile(r"^(?:(?:please|just|you can)\s+)*call me\s+", re.IGNORECASE)
_REACH_ME = re.compile(
    r"\b(?:reach|e-?mail|contact|write to) me (?:at|on)\s+|\bmy (?:new |personal |private )?e-?mail",
    re.IGNORECASE,
)
_NEW_NUMBER = re.compile(r"\b(?:changed my|my new|a new) (?:phone |mobile )?number\b[^\d+]{0,30}")
_MY_BIRTHDAY = re.compile(
    r"(?:\b[Ii]t's my birthday|\b[Mm]y birthday (?:is|was)) (?P<when>today|tomorrow|yesterday)"
    r"|\b(?P<now>[Tt]oday|[Tt]omorrow|[Yy]esterday) (?:is|was) my birthday"
)
_NOW_FAVOURITE = re.compile(
    r"favou?rite (?P<of>(?:[a-z]+ ){1,3})(?:used to be|was) [^,.;]{1,40},? but (?:now it's|now it is|it's now|it is now|these days it's)\s+"
)
_ANY_FAVOURITE = re.compile(
    r"(?:^|, |\b(?:and|but) )(?P<what>[A-Z][\w'.-]*(?: [A-Z][\w'.-]*){0,3}) is (?:my|our) (?:all-time )?favou?rite"
    r" (?P<of>[a-z]+)(?=[.,!;]|$| and\b| but\b)"
)
_IS_WHERE = re.compile(
    r"^(?P<where>[A-Z][\w-]+(?: [A-Z][\w-]+)?) is where (?:I|we) (?P<does>live|work)\b"
)
_IS_LOVED = re.compile(
    r"^(?P<what>[A-Z][a-z]+(?: [a-z]+){0,2}) (?:is|are) (?:something|what) I (?:really )?(?:love|enjoy|adore)\b"
)


def of_me(sentence: str, at: datetime) -> Iterator[Stated]:
    """Yield what a sentence states of the speaker that no clause of it does by itself."""
    if match := _CALL_ME.match(sentence):
        name, _ = name_in(sentence[match.end() :])
        if name:
            yield Stated("name", name)
    yield from named_kin(sentence)
    yield from _reached(sentence)
    yield from _loved(sentence)
    if found := _IS_WHERE.match(sentence):
        name, lives = found["where"], found["does"] == "live"
        yield Stated("lives_in", place(name)) if lives else Stated("works_at", organization(name))
    if (born := _MY_BIRTHDAY.search(sentence)) and (
        days := moments((born["when"] or born["now"]).lower(), at)
    ):
        yield born_on(days[0].begin)
    if thing := allergen(sentence):
        yield Stated("allergic_to", thing)


def _reached(sentence: str) -> Iterator[Stated]:
    reached = _REACH_ME.search(sentence)
    if reached and (address := EMAIL.search(sentence, reached.end(), reached.end() + 100)):
        yield Stated("email", address.group().rstrip("."))
    changed = _NEW_NUMBER.search(sentence)
    if changed and (number := PHONE.match(sentence, changed.end())):
        yield Stated("phone", number.group())


def _loved(sentence: str) -> Iterator[Stated]:
    for match in _ANY_FAVOURITE.finditer(sentence):
        yield Stated(f"favourite_{match['of']}", match["what"])
    if now := _NOW_FAVOURITE.search(sentence):
        what = thing_in(sentence[now.end() :], loose=True)
        if what:
            yield Stated("favourite_" + "_".join(now["of"].split()), what)
    if found := _IS_LOVED.match(sentence):
        yield Stated("likes", found["what"][:1].lower() + found["what"][1:])
