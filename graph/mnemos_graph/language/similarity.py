"""Whether two sentences can mean the same, as far as figures, denial and the order of names go.

Vectors hardly see them: "takes 5 mg" and "takes 50 mg", "eats meat" and "does not eat meat",
"Ann gave Bob a book" and "Bob gave Ann a book" lie close together. A near duplicate must agree
here as well.
"""

from __future__ import annotations

import re

from mnemos_graph.model.words import fold

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_DENIAL = re.compile(
    r"\b(?:not|cannot|never|no|none|nobody|nothing|nowhere|neither|nor|without|hardly|barely"
    r"|stopped|quit|former|formerly)\b|n['’]t\b|\b(?:dont|doesnt|didnt|isnt|wasnt|cant|wont)\b"
    r"|\bused to\b|不|没|没有|ない|ません|안\s|\bне\b|\bнет\b|\bnicht\b|\bkein(?:e[mnrs]?)?\b"
    r"|\bpas\b|\bjamais\b|\bnunca\b|\bnão\b"
)
WORDS_FOR_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        [
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
            *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
            *("seventeen", "eighteen", "nineteen", "twenty"),
        ]
    )
    if word != "one"  # mostly a pronoun
}
_WORD = re.compile(r"[^\W\d_]\w+")
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(WORDS_FOR_NUMBERS)})\b")


def numbers(text: str) -> tuple[str, ...]:
    """Return the figures of a text in order of size of their writing, words up to twenty as well.

    Separators of thousands are left out; digits of other scripts are read as 0 to 9.
    """
    plain = _NUMBER_WORD.sub(lambda word: WORDS_FOR_NUMBERS[word.group()], fold(text))
    if not plain.isascii():
        plain = "".join(_digit(character) for character in plain)
    return tuple(sorted(_canonical(match.group()) for match in _NUMBER.finditer(plain)))


def denials(text: str) -> int:
    """Return 1 where the sentence denies something, 0 where it does not or denies a denial."""
    return len(_DENIAL.findall(fold(text))) % 2


def agree(one: str, other: str) -> bool:
    """Return whether two texts have equal figures, equal denial, and names in one order."""
    return (
        numbers(one) == numbers(other)
        and denials(one) == denials(other)
        and _names(one, other) == _names(other, one)
    )


def _names(text: str, other: str) -> list[str]:
    """Return the words with a capital that both texts have, in the order of ``text``."""
    shared = set(_capitalised(other))
    return [word for word in _capitalised(text) if word in shared]


def _capitalised(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word[0].isupper()]


def _digit(character: str) -> str:
    return str(int(character)) if character.isdecimal() else character


def _canonical(number: str) -> str:
    return re.sub(r",(?=\d{3}(?!\d))", "", number)
