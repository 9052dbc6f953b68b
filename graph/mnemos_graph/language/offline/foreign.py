"""The few sentences of German, Spanish, French, Portuguese and Italian that say "I live in".

Only what each of them can mean in one way; a sentence that denies something says nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mnemos_graph.language.offline.lexicon import LANGUAGES
from mnemos_graph.language.offline.stated import Stated, animal, organization, person, place
from mnemos_graph.language.offline.targets import name_in

_KIN = {
    "frau": "married_to",
    "mann": "married_to",
    "schwester": "sister",
    "bruder": "brother",
    "mutter": "mother",
    "vater": "father",
    "tochter": "daughter",
    "sohn": "son",
    "freundin": "girlfriend",
    "freund": "boyfriend",
    "mujer": "married_to",
    "esposa": "married_to",
    "marido": "married_to",
    "esposo": "married_to",
    "hermana": "sister",
    "hermano": "brother",
    "madre": "mother",
    "padre": "father",
    "hija": "daughter",
    "hijo": "son",
    "novia": "girlfriend",
    "novio": "boyfriend",
    "femme": "married_to",
    "mari": "married_to",
    "sœur": "sister",
    "soeur": "sister",
    "frère": "brother",
    "mère": "mother",
    "père": "father",
    "fille": "daughter",
    "fils": "son",
    "hund": "has_pet",
    "katze": "has_pet",
    "perro": "has_pet",
    "perra": "has_pet",
    "gato": "has_pet",
    "gata": "has_pet",
    "chien": "has_pet",
    "chat": "has_pet",
}
_NOT_SO = re.compile(
    r"\b(?:nicht|kein\w*|nie|früher|würde|möchte|wenn|no|nunca|jamás|antes|quiero|ne|pas|jamais"
    r"|avant|não|non|mai)\b|\bn['’]",
    re.IGNORECASE,
)
_AND = re.compile(r"\s(?:und|y|et|e|aber|pero|mais|mas|ma)\s|[;.]\s")
_I = re.IGNORECASE
_LIVES = re.compile(
    r"\b(?:ich (?:wohne|lebe)|wir (?:wohnen|leben)|(?:wohne|lebe) ich|vivo|vivimos|j['’]habite|nous habitons|je vis"
    r"|moro|abito|abitiamo)\s+(?:in|en|à|au|em|no|na|a)\s+(?=[A-ZÀ-Þ])",
    _I,
)
_WORKS = re.compile(
    r"\b(?:(?:ich )?arbeite (?:bei|für)|trabajo (?:en|para)|(?:je )?travaille (?:chez|pour)|trabalho (?:na|no|para a|para)"
    r"|lavoro (?:per|in|da|alla))\s+(?=[A-ZÀ-Þ])",
    _I,
)
_NAME = re.compile(
    r"\b(?:ich heiße|ich heisse|mein name ist|me llamo|mi nombre es|je m['’]appelle|mon nom est|chamo-me"
    r"|me chamo|mi chiamo)\s+(?=[A-ZÀ-Þ])",
    _I,
)
_FROM = re.compile(r"\b(?:ich komme aus|soy de|je viens de|sou de|vengo da)\s+(?=[A-ZÀ-Þ])", _I)
_AGE = re.compile(
    r"\b(?:ich bin (?P<de>\d{1,3}) jahre|tengo (?P<es>\d{1,3}) años|j['’]ai (?P<fr>\d{1,3}) ans|tenho (?P<pt>\d{1,3}) anos"
    r"|ho (?P<it>\d{1,3}) anni)\b",
    _I,
)
_ALLERGIC = re.compile(
    r"\ballergisch gegen\s+|\balérgic[oa] (?:a las|a los|a la|al|a)\s+|\ballergique (?:aux|au|à la|à l['’]|à)\s*",
    _I,
)
_DIET = re.compile(
    r"\b(?:ich bin|ich lebe|ich esse|soy|je suis|sou|sono)\s+(?P<diet>veg(?:an|etar)\w*|végé?tari\w+|végan\w*)",
    _I,
)
_CALLED = re.compile(
    r"\b(?:mein|meine|mi|mon|ma)\s+(?P<noun>\w+)\s+(?:heißt|heisst|se llama|s['’]appelle)\s+(?=[A-ZÀ-Þ])",
    _I,
)
_HAS = re.compile(
    r"\b(?:ich habe|wir haben|tengo|tenemos|j['’]ai|nous avons)\s+(?:einen?|una?|une?)\s+(?P<noun>\w+)"
    r"\s+(?:namens|llamad[oa]|que se llama|appelée?|qui s['’]appelle)\s+(?=[A-ZÀ-Þ])",
    _I,
)
_THING = re.compile(r"[^\W\d_][\w-]*")

_NAMED: tuple[tuple[re.Pattern[str], Callable[[str], Stated]], ...] = (
    (_LIVES, lambda name: Stated("lives_in", place(name))),
    (_WORKS, lambda name: Stated("works_at", organization(name))),
    (_NAME, lambda name: Stated("name", name)),
    (_FROM, lambda name: Stated("from", place(name))),
)


def foreign(sentence: str) -> Iterator[Stated]:
    """Yield what a sentence of another language than English states of who says it."""
    for part in _AND.split(sentence):
        if not _NOT_SO.search(part):
            yield from _of_part(part)


def _of_part(sentence: str) -> Iterator[Stated]:
    for pattern, made in _NAMED:
        if match := pattern.search(sentence):
            name, _ = name_in(sentence[match.end() :])
            if name and name not in LANGUAGES:
                yield made(name)
    if match := _AGE.search(sentence):
        yield Stated("age", next(each for each in match.groups() if each))
    if (match := _ALLERGIC.search(sentence)) and (thing := _THING.match(sentence, match.end())):
        yield Stated("allergic_to", thing.group())
    if match := _DIET.search(sentence):
        yield Stated("diet", "vegetarian" if "tari" in match["diet"].lower() else "vegan")
    for pattern in (_CALLED, _HAS):
        for match in pattern.finditer(sentence):
            yield from _called(match["noun"].lower(), sentence[match.end() :])


def _called(noun: str, rest: str) -> Iterator[Stated]:
    name, _ = name_in(rest)
    predicate = _KIN.get(noun)
    if name and predicate:
        yield Stated(predicate, animal(name) if predicate == "has_pet" else person(name))
