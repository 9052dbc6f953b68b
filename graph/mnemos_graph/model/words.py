"""Text as comparable words, the same for every store and index."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_UNSPACED = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿가-힯฀-๿]")
_ASCII = bytes(code if chr(code).isascii() and chr(code).isalnum() else 32 for code in range(256))
"""For every byte itself where it belongs to a word, else a space."""
_stemmer = Stemmer.Stemmer("english", 0)


def fold(text: str) -> str:
    """Return ``text`` without differences of case, width, accents' encoding and spacing."""
    return " ".join(_plain(text).split())


def words(text: str) -> list[str]:
    """Return the words of ``text`` in order, folded and stemmed (Porter2), repeats included.

    Scripts that are written without spaces give one word for each character.
    """
    plain = _plain(text)
    if plain.isascii() or not _UNSPACED.search(plain):
        return [_stem(word) for word in _runs(plain)]
    found: list[str] = []
    for word in _WORD.findall(plain):
        if _UNSPACED.search(word):
            found += [part for part in _split_unspaced(word) if part]
        else:
            found.append(_stem(word))
    return found


def fingerprint(text: str) -> str:
    """Return 32 hex digits: equal for texts equal but for case, spacing and punctuation.

    A text without any word is its own fingerprint's whole input.
    """
    plain = " ".join(_runs(_plain(text))) or text
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _runs(plain: str) -> list[str]:
    """Return the runs of letters and digits, each with the apostrophes inside it."""
    if plain.isascii() and "'" not in plain:
        # The same as by the pattern, in a fifth of the time.
        return plain.encode().translate(_ASCII).decode().split()
    return _WORD.findall(plain)


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    plain = word.replace("’", "'")
    return str(_stemmer.stemWord(plain.removesuffix("'s"))).replace("'", "")


def _split_unspaced(word: str) -> list[str]:
    parts = [""]
    for character in word:
        if _UNSPACED.match(character):
            parts += [character, ""]
        else:
            parts[-1] += character
    return parts
