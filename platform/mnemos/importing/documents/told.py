"""What a document's reader finds in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mnemos_graph.errors import TooMuch
from mnemos_graph.memory.kinds.documents import Passage

MOST_CHARACTERS = 8_000_000
"""Of text in one document."""
DEEPEST_HEADING = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    title: str
    """Empty where the document has none."""
    passages: Sequence[Passage]


@dataclass(slots=True)
class Headings:
    """The headings that what follows stands under, as they are met from the top on."""

    _open: list[tuple[int, str]] = field(default_factory=list)

    def meet(self, level: int, text: str) -> None:
        """Take a heading of a level from 1 on; those of its level and below have ended."""
        self._open = [each for each in self._open if each[0] < level]
        if text:
            self._open.append((level, text))

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(text for _, text in self._open)


class Written:
    """Collects passages, and counts the characters that they come to."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self.characters = 0

    def add(self, text: str, headings: tuple[str, ...], page: int | None = None) -> None:
        """Take the next passage, unless it is blank.

        Raises:
            TooMuch: the document has more than 8,000,000 characters.
        """
        if text.strip():
            self.passages.append(
                Passage(text=text, headings=headings, offset=self.characters, page=page)
            )
        self.characters += len(text) + 1
        check_length(self.characters)


def check_length(characters: int) -> None:
    if characters > MOST_CHARACTERS:
        raise TooMuch(f"The document has more than {MOST_CHARACTERS} characters of text. Split it.")
