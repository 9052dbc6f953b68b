"""As much as fits into a budget of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mnemos_graph.memory.context.pieces import ContextFormat, Pieces, written
from mnemos_graph.model import Record


class CountsTokens(Protocol):
    @property
    def name(self) -> str:
        """Which model's tokens they are."""
        ...

    def count(self, text: str) -> int:
        """Return how many tokens ``text`` has; 0 for none. Called from any thread."""
        ...


@dataclass(frozen=True, slots=True)
class Packed:
    pieces: Pieces
    text: str
    tokens: int


def packed(
    wanted: Sequence[Record], form: ContextFormat, tokenizer: CountsTokens, budget: int
) -> Packed:
    """Return as many of ``wanted`` as fit, the earlier ones first.

    One that does not fit is left out, and what comes behind it still has its chance. What each
    costs is reckoned from itself; in the end the whole text is counted, so the budget holds with
    every tokenizer.
    """
    kept, room = list[Record](), budget
    opened = set[type[Record]]()
    for record in wanted:
        once, twice = (
            tokenizer.count(written(Pieces.of([record] * times), form)) for times in (1, 2)
        )
        cost = twice - once if type(record) in opened else once
        if cost <= room:
            kept.append(record)
            opened.add(type(record))
            room -= cost
    while True:
        pieces = Pieces.of(kept)
        text = written(pieces, form)
        tokens = tokenizer.count(text)
        if tokens <= budget:
            return Packed(pieces, text, tokens)
        kept.pop()
