"""What stands behind a verb: names, things and lists of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mnemos_graph.language.offline.names import read_name, split

MOST_WORDS = 7
"""In a thing. More is a story, not a thing."""

_STOP = re.compile(
    r"[,;:.!?()]|\s(?:because|but|since|when|while|although|as|if|that|which|who|with|for|at|in|on|by"
    r"|to|from|after|before|during|until|not|these|so|and|or|every|last|yesterday|today|now|ever|too"
    r"|more than|anymore|any more|though|again|even|especially|without|around)\b"
)
_LOOSE_STOP = re.compile(
    r"[,;:.!?()]|\s(?:because|but|since|when|while|although|if|that|which|who|these days|so much"
    r"|yesterday|today|now|ever since|after all|too|very much|a lot|anymore|any more|though|again|even|not"
    r"|especially|every|last|as well|lately|coming|'cause|together|after|thanks to|due to)\b"
)
_ARTICLE = re.compile(
    r"^(?:a|an|the|some|any|a little|a bit of|all|all kinds of)\s+", re.IGNORECASE
)
_SEPARATORS = re.compile(r",\s*(?:and|or)\s+|,\s+|\s+(?:and|or|as well as)\s+")
_LIST = re.compile(
    r"(?:[\w'-]+ ){0,2}[\w'-]+(?:, (?:[\w'-]+ ){0,2}[\w'-]+){1,8},? (?:and|or) (?:[\w'-]+ ?){1,3}"
)
"""Short things with commas and a last "and": of anything longer only the first is sure."""
_INSIDE = re.compile(r"\s(?:about|with|of|for|in|to|from|on)\s")
_EMPTY = frozenset(
    [
        "it",
        "that",
        "this",
        "these",
        "those",
        "them",
        "him",
        "her",
        "you",
        "us",
        "me",
        "how",
        "what",
        "when",
        "where",
        "who",
        "why",
        "to",
        "being",
        "everything",
        "anything",
        "nothing",
        "something",
        "someone",
        "everyone",
        "seeing",
        "hearing",
        "your",
        "his",
        "their",
        "its",
        "one",
        "ones",
        "there",
        "not",
        "about",
        "getting",
        "having",
        "doing",
    ]
)
_PREPOSITIONS = frozenset(
    [
        "for",
        "of",
        "in",
        "on",
        "at",
        "by",
        "with",
        "from",
        "as",
        "to",
        "about",
        "into",
        "over",
        "like",
    ]
)
_POINTING = frozenset(
    [
        "it",
        "it's",
        "this",
        "that",
        "these",
        "those",
        "them",
        "him",
        "her",
        "you",
        "your",
        "we",
        "our",
        "us",
        "i",
        "i'm",
        "is",
        "are",
        "was",
        "were",
        "has",
        "what",
        "here",
        "there",
    ]
)
"""Words that only the talk around them explains, or that begin another sentence."""
_MAYBE_NAME = re.compile(r"^[a-z][a-z]+(?:-[a-z]+)?$")
_NEVER_NAME = _EMPTY | frozenset(
    [
        "a",
        "an",
        "the",
        "my",
        "our",
        "home",
        "town",
        "here",
        "work",
        "night",
        "school",
        "college",
        "university",
        "hospital",
        "bank",
        "office",
        "night",
        "shop",
        "company",
        "startup",
        "place",
        "city",
        "house",
        "apartment",
        "flat",
        "country",
        "big",
        "small",
        "remote",
        "local",
        "nearby",
    ]
)


def name_in(text: str, *, lower: bool = False) -> tuple[str, str]:
    """Return the name at the beginning of ``text``, a "the" aside, and what follows it.

    ``lower``: the whole sentence has no capitals, so a single plain word may be a name.
    """
    bare = re.sub(r"^the\s+", "", text.strip())
    name, taken = read_name(split(bare))
    if taken:
        last = name.split()[-1]
        return name, bare[bare.find(last) + len(last) :].strip()
    first, _, rest = bare.partition(" ")
    if lower and _MAYBE_NAME.match(first) and first not in _NEVER_NAME:
        return first.capitalize(), rest
    return "", text


def thing_in(text: str, *, loose: bool = False, most: int = MOST_WORDS) -> str:
    """Return the thing at the beginning of ``text`` without its article; empty where there is none.

    ``loose`` lets it go on over prepositions: "reading books about bees".
    """
    cut = (_LOOSE_STOP if loose else _STOP).split(text.strip(), maxsplit=1)[0].strip()
    bare = _ARTICLE.sub("", cut).strip(" \"'“”")
    words = bare.split()
    if not words or len(words) > most or words[0].lower() in _EMPTY | _PREPOSITIONS:
        return ""
    if words[-1].lower() in _PREPOSITIONS or not _POINTING.isdisjoint(bare.lower().split()):
        return ""
    return bare


def things_in(text: str, *, loose: bool = False) -> Iterator[str]:
    """Yield each thing of a list: "tea, coffee and the sea"."""
    listed = _LIST.match(text)
    whole = listed[0] if listed else thing_in(text, loose=True, most=2 * MOST_WORDS)
    if not listed and (not _SEPARATORS.search(whole) or _INSIDE.search(whole.split(" and ")[0])):
        if thing := thing_in(text, loose=loose):
            yield thing
        return
    for part in _SEPARATORS.split(whole):
        thing = thing_in(part, loose=loose)
        if not thing:
            return
        yield thing
        if len(thing.split()) < len(_ARTICLE.sub("", part.strip()).split()):
            return  # something else began behind it
