"""A turn's text as sentences, without code and other things that nobody said."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 1_000
"""Characters of a sentence that is looked at. What is longer is data that somebody pasted."""

_FENCED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]{0,200}`", re.DOTALL)
_END = re.compile(r"(?:(?<![.!?…])[.!?…]++[\"'”’)\]]*+(?=\s)|[。！？؟।]+[」』”]?|\n)")
_SHORTENED = re.compile(
    r"(?:\b(?:Dr|Prof|Mr|Mrs|Ms|St|Sr|Jr|vs|etc|approx|No|Inc|Ltd|Co|Mt|e\.g|i\.e|a\.m|p\.m)"
    r"|(?:^|[\s.])[A-Z])\.$"
)
_SPACES = re.compile(r"[^\S\n]+")
_PASTED = re.compile(r"[{}<>|\\]|=>|==|\(\)|^\s*(?:def|class|import|return|SELECT|var|let|const) ")
_LOGGED = re.compile(r"^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\b(?:INFO|WARN|ERROR|DEBUG|TRACE)\b.*[=:]")
_SHORTEST = 12
"""Characters of which most must be letters; "I'm 29." is speech all the same."""
_LONG_WORD = re.compile(r"[^\s/]{60}")


def sentences(text: str) -> list[str]:
    """Return the sentences of ``text`` in order; code, quoted lines and pasted data are left out."""
    said = "\n".join(
        line for line in _FENCED.sub("\n", text).splitlines() if not line.lstrip().startswith(">")
    )
    found: list[str] = []
    begin = 0
    for end in _END.finditer(said):
        piece = said[begin : end.end()]
        if _SHORTENED.search(piece[-12:]):
            continue
        found.append(piece)
        begin = end.end()
    found.append(said[begin:])
    tidy = (_SPACES.sub(" ", piece).strip(" \n\t-*•–—") for piece in found)
    return [piece for piece in tidy if piece and not is_pasted(piece)]


def is_pasted(sentence: str) -> bool:
    """Return whether this is code, markup, encoded bytes or a dump rather than speech."""
    if len(sentence) > LONGEST or _PASTED.search(sentence) or _LONG_WORD.search(sentence):
        return True
    if _LOGGED.search(sentence):
        return True
    if len(sentence) < _SHORTEST and any(map(str.isalpha, sentence)):
        return False
    spoken = sum(_is_spoken(character) for character in sentence)
    return spoken < 0.5 * len(sentence)


def _is_spoken(character: str) -> bool:
    """Return whether it is a letter, a vowel sign of scripts that write them as marks, or a space."""
    return (
        character.isalpha()
        or character.isspace()
        or unicodedata.category(character).startswith("M")
    )
