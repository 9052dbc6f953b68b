"""Names by their capitals, and titles by their quotation marks."""

from __future__ import annotations

import re

from mnemos_graph.language.extractor import CandidateEntity
from mnemos_graph.language.offline.lexicon import LANGUAGES, NATIONALITIES, NEVER_NAMES

MOST_WORDS = 5
"""In one name."""

_BEFORE_MARK = re.compile(r"['’]")
_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*(?:['’]s\b)?|[^\s\w]")
_TITLE = re.compile(r"[\"“«]([^\"“”«»]{2,80})[\"”»]")
_CONNECTS = frozenset(
    [
        "de",
        "da",
        "do",
        "dos",
        "del",
        "della",
        "di",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "of",
        "the",
        "&",
        "y",
        "al",
        "bin",
    ]
)
_HONORIFICS = frozenset(["Dr", "Prof", "Mr", "Mrs", "Ms", "St"])
_PLACE_BEFORE = frozenset(
    ["in", "to", "from", "near", "around", "across", "via", "visit", "visited", "visiting"]
)
_WORKPLACE_BEFORE = frozenset(["at", "for", "joined", "left"])
_ORGANIZATION_LAST = frozenset(
    [
        "Inc",
        "Corp",
        "Corporation",
        "Ltd",
        "LLC",
        "GmbH",
        "AG",
        "Company",
        "University",
        "College",
        "School",
        "Institute",
        "Bank",
        "Hospital",
        "Foundation",
        "Club",
        "Museum",
        "Church",
        "Agency",
        "Ministry",
        "Association",
        "Group",
        "Labs",
        "Studio",
        "Studios",
    ]
)


def read_name(words: list[str]) -> tuple[str, int]:
    """Return the name that stands at the beginning of ``words`` and how many of them it takes."""
    taken: list[str] = []
    n = 0
    while n < len(words) and len(taken) < MOST_WORDS:
        word = words[n]
        if word == "." and taken and taken[-1] in _HONORIFICS:
            taken[-1] += "."
        elif is_name(word, first=not taken):
            taken.append(word)
        elif not (taken and word in _CONNECTS and n + 1 < len(words) and is_name(words[n + 1])):
            break
        else:
            taken.append(word)
        n += 1
    return " ".join(taken).removesuffix("'s").removesuffix("’s"), n


def is_name(word: str, *, first: bool = True) -> bool:
    """Return whether a word can be (the beginning of) a name."""
    if not word[0].isupper() or word[:2] in {"I", "I'", "I’"}:
        return False
    return not first or _BEFORE_MARK.split(word)[0] not in NEVER_NAMES


def split(text: str) -> list[str]:
    """Return words and marks; a genitive and an inner full stop stay with their word."""
    return _WORD.findall(text)


def entities(sentence: str) -> tuple[CandidateEntity, ...]:
    """Return what the sentence names, in order, each once.

    At its beginning every word has a capital, so a single word there is taken only where a second
    one follows with its own, or a verb that people do.
    """
    found = [CandidateEntity(name=title) for title in _titles(sentence)]
    words = split(_TITLE.sub(" , ", sentence))
    n = 0
    while n < len(words):
        name, taken = read_name(words[n:])
        if taken and not (n == 0 and taken == 1 and not _begins_with_somebody(words)):
            before = words[n - 1].lower() if n else ""
            if name not in LANGUAGES and name not in NATIONALITIES and len(name) > 1:
                found.append(CandidateEntity(name=name, kind=_kind(name, before)))
        n += taken or 1
    return tuple(dict.fromkeys(found))


def _titles(sentence: str) -> list[str]:
    """Quoted titles: at least half of the longer words have capitals."""
    found = []
    for quoted in _TITLE.findall(sentence):
        long = [word for word in quoted.split() if len(word) > 3] or quoted.split()
        if long and sum(word[0].isupper() for word in long) * 2 >= len(long):
            found.append(quoted.strip(" .,!?"))
    return [title for title in found if title]


_ACTS = frozenset(
    [
        "is",
        "was",
        "has",
        "had",
        "works",
        "worked",
        "lives",
        "lived",
        "moved",
        "likes",
        "loves",
        "hates",
        "told",
        "said",
        "says",
        "wants",
        "plays",
        "studies",
        "speaks",
        "got",
        "started",
        "went",
        "will",
        "and",
        "called",
        "came",
        "gave",
    ]
)


def _begins_with_somebody(words: list[str]) -> bool:
    return not words[0].endswith("ing") and len(words) > 1 and words[1] in _ACTS


def _kind(name: str, before: str) -> str:
    if name.rsplit(maxsplit=1)[-1] in _ORGANIZATION_LAST:
        return "ORGANIZATION"
    if before in _PLACE_BEFORE:
        return "PLACE"
    if before in _WORKPLACE_BEFORE:
        return "ORGANIZATION"
    return "PERSON" if name.split(".", maxsplit=1)[0] in _HONORIFICS or before in _ACTS else "TOPIC"
