"""What counts as exact in a text: tickets, versions, hashes, paths, addresses, numbers and names.

A question's identifiers are looked for among those that a memory holds, so the two readings go
together: whatever ``asked`` finds in a question, ``held`` finds in a text that has it too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from mnemos_graph.index.question import STOP_WORDS
from mnemos_graph.model.words import fold, words

MOST_ASKED = 16
"""Identifiers of one question that are looked for, the first ones."""
_MOST_QUOTED = 4
_LONGEST_QUOTE = 200
_LEAST_PART = 3
"""Characters of a part of an identifier that can be asked for by itself."""
_LEAST_DIGITS = 7
"""Of what is written in groups, such as the number of a telephone or an account."""
_LONGEST_RUN = 12
"""Groups of one number."""

_BETWEEN = re.compile(r"[\s;|—–]+|,(?!\d)")
_EDGES = "()[]{}<>\"'“”‘’„«»‹›.,:!?…*`€$£¥#%+="
_OWNER = re.compile(r"['’]s$")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_CENTS = re.compile(r"\d+\.\d\d")
_VERSION = re.compile(r"v\d")
_CODE = re.compile(r"\w[_@\\]+\w|\w::\w|\w\(|\w\.\w{2}|[^\W\d_][a-z][A-Z]|^[~/]+\w|/\w+/")
_NAME = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_PIECES = re.compile(r"[/\\@#=:]+")
_PARTS = re.compile(r"[^\W_]+")
_GROUPED = re.compile(r"(?<![\w.])(?:[A-Z]{2})?\+?\d{1,4}(?:[ ()/-]{1,2}\d{2,5}){2,}(?!\w|\.\d)")
_GROUP = re.compile(r"[A-Z]{2}\d+|\d+")
_QUOTED = re.compile(
    r"\"([^\"\n]+)\"|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»|(?<!\w)['‘]([^'’\n]+)['’](?!\w)"
)
_SAY_NOTHING = STOP_WORDS | frozenset(
    words(
        """mr mrs ms dr prof st monday tuesday wednesday thursday friday saturday sunday january
        february march april may june july august september october november december"""
    )
)


def asked(question: str) -> tuple[str, ...]:
    """Return the identifiers of a question as they are compared, each once, in order.

    In a question that is written in small letters alone, or in capitals, any word may be a name.
    """
    plain = unicodedata.normalize("NFKC", question)
    groups = [_joined(_GROUP.findall(match)) for match in _GROUPED.findall(plain)]
    found = [group for group in groups if _long(group)]
    rest = _GROUPED.sub(lambda match: "" if _long(match.group()) else match.group(), plain)
    found += _tokens(rest, any_word=plain in (plain.lower(), plain.upper()))
    return tuple(dict.fromkeys(found))[:MOST_ASKED]


def held(text: str) -> frozenset[str]:
    """Return every form in which something exact of ``text`` may be asked for."""
    plain = unicodedata.normalize("NFKC", text)
    found = set(_tokens(plain))
    for token in list(found):
        found.update(piece for piece in _PIECES.split(token) if _tells(piece))
        found.update(part for part in _PARTS.findall(token) if _tells(part))
    for match in _GROUPED.findall(plain):
        found.update(_runs(_GROUP.findall(match)))
    return frozenset(found)


def quoted(question: str) -> tuple[str, ...]:
    """Return the phrases that stand between quotation marks, folded."""
    found = (fold(next(filter(None, match))) for match in _QUOTED.findall(question))
    kept = (each for each in found if len(each) <= _LONGEST_QUOTE and _PARTS.search(each))
    return tuple(dict.fromkeys(kept))[:_MOST_QUOTED]


def _tokens(text: str, *, any_word: bool = False) -> Iterator[str]:
    for written in _BETWEEN.split(text):
        token = _OWNER.sub("", written.strip(_EDGES)).strip(_EDGES)
        if _is_code(token):
            yield _compared(token)
        elif any_word or token[:1].isupper():
            yield from _name(token)


def _is_code(token: str) -> bool:
    if any(map(str.isdigit, token)):
        return _ORDINAL.fullmatch(token) is None
    return _CODE.search(token) is not None


def _name(token: str) -> Iterator[str]:
    folded = fold(token)
    if not _NAME.fullmatch(token) or _SAY_NOTHING.issuperset(words(folded)):
        return
    yield folded
    if "-" in folded:
        yield from (part for part in folded.split("-") if len(part) >= _LEAST_PART)


def _compared(token: str) -> str:
    """Return a token without what is written one way or the other: commas, cents of 0, a v."""
    plain = fold(token)
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    if _CENTS.fullmatch(plain):
        plain = plain.rstrip("0").rstrip(".")
    return plain[1:] if _VERSION.match(plain) else plain


def _tells(part: str) -> bool:
    return len(part) >= _LEAST_PART and not part.isalpha()


def _long(group: str) -> bool:
    return sum(map(str.isdigit, group)) >= _LEAST_DIGITS


def _joined(groups: list[str]) -> str:
    return "".join(groups).lower()


def _runs(groups: list[str]) -> Iterator[str]:
    """Yield the number that each run of groups makes: what follows a number is not always of it."""
    for first in range(len(groups)):
        for last in range(first + 1, min(len(groups), first + _LONGEST_RUN) + 1):
            run = _joined(groups[first:last])
            if _long(run):
                yield run
