"""MiniLM's WordPiece: texts as the model's own tokens, whole or in windows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import Tokenizer

LONGEST_WINDOW = 256
"""Tokens that the model reads at once, its opening and closing token among them."""
STEP = 206
"""Tokens from the start of one window to the start of the next: 48 of 254 are read twice."""
_INSIDE = LONGEST_WINDOW - 2


class Window(NamedTuple):
    """Tokens that the model reads at once."""

    ids: Sequence[int]


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
        sound = text.encode("utf-8", "replace").decode("utf-8")
        return self._tokenizer.encode(sound, add_special_tokens=False).ids

    def count(self, text: str) -> int:
        """Return how many tokens the whole text has."""
        return len(self.ids(text))

    def windows(self, text: str) -> list[Window]:
        """Cut a text into what the model can read; the first window is how it would truncate."""
        ids = self.ids(text)
        last = max(0, len(ids) - _INSIDE)
        starts = [*range(0, last, STEP), last]
        return [
            Window((self._open, *ids[start : start + _INSIDE], self._close)) for start in starts
        ]
