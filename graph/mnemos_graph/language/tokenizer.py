"""MiniLM's WordPiece: texts as the model's own tokens, whole or in windows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import Tokenizer

LONGEST_WINDOW = 256
"""Tokens that the model reads at once, its opening and closing token among them."""
STEP = 206
"""Tokens from the start of one window to the start of the next: 48 of 254 are read twice."""
_INSIDE = LONGEST_WINDOW - 2
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

Span = tuple[int, int]
"""Characters of a text, from the first to behind the last."""


class Window(NamedTuple):
    """Tokens that the model reads at once."""

    ids: Sequence[int]
    first: int = 0
    """Which of the text's tokens is the one behind its opening one."""


class Cut(NamedTuple):
    """A text as the model reads it."""

    windows: Sequence[Window]
    words: Sequence[str]
    """For each token of the text the word that it is of; empty: it is of none."""


class WordPiece:
    """Counts and cuts text as all-MiniLM-L6-v2 does. Safe to use from several threads."""

    name = "all-MiniLM-L6-v2 WordPiece"

    def __init__(self, file: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._open, self._close = self._tokenizer.encode("").ids

    def ids(self, text: str) -> list[int]:
        """Return the tokens of the whole text, without any that only the model needs."""
        return self._tokenizer.encode(_sound(text), add_special_tokens=False).ids

    def count(self, text: str) -> int:
        """Return how many tokens the whole text has."""
        return len(self.ids(text))

    def windows(self, text: str) -> list[Window]:
        """Cut a text into what the model can read; the first window is how it would truncate."""
        return self._windows(self.ids(text))

    def cut(self, text: str) -> Cut:
        """Return the windows of a text, and which word each of its tokens is of."""
        sound = _sound(text)
        encoded = self._tokenizer.encode(sound, add_special_tokens=False)
        return Cut(self._windows(encoded.ids), list(_words_at(sound, encoded.offsets)))

    def _windows(self, ids: Sequence[int]) -> list[Window]:
        return [
            Window((self._open, *ids[start : start + _INSIDE], self._close), start)
            for start in _starts(len(ids))
        ]


def _starts(count: int) -> list[int]:
    last = max(0, count - _INSIDE)
    return [*range(0, last, STEP), last]


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _words_at(text: str, spans: Sequence[Span]) -> Iterator[str]:
    """Yield the word of ``text`` around each of ``spans``, which are in order; "" for none."""
    words = _WORD.finditer(text)
    word = next(words, None)
    for first, end in spans:
        while word is not None and word.end() <= first:
            word = next(words, None)
        yield word.group() if word is not None and word.start() < end else ""
