"""As much as fits into a budget of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mnemos_graph.errors import TooMuch
from mnemos_graph.memory.context.pieces import Part, Piece
from mnemos_graph.memory.context.saying import Said
from mnemos_graph.memory.context.writing import Writer

STANDING_SHARE = 0.2
"""Of the budget, that facts which are told whatever is asked may take."""


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
    pieces: tuple[Piece, ...]
    """Those in the text, the most wanted first."""
    left_out: tuple[Piece, ...]
    """Those that did not fit and that nothing in the text says."""
    text: str
    tokens: int


def packed(
    wanted: Sequence[Piece],
    writer: Writer,
    tokenizer: CountsTokens,
    budget: int,
    said: Said | None = None,
    *,
    standing: float = 1.0,
) -> Packed:
    """Return as many of ``wanted`` as fit, the earlier ones first, none that says a thing again.

    One that does not fit is left out, and what comes behind it still has its chance. What each
    costs is reckoned from itself; in the end the whole text is counted, so the budget holds with
    every tokenizer. ``standing`` is the share of the budget that standing facts may take.
    """
    said = said or Said()
    kept, left = list[Piece](), list[Piece]()
    room, for_standing = budget, int(budget * standing)
    opened = set[str]()
    for piece in wanted:
        if said.already(piece):
            continue
        headings = [each for each in writer.headings(piece) if each not in opened]
        cost = tokenizer.count("\n".join((*headings, writer.line(piece))))
        if cost > (min(room, for_standing) if piece.part is Part.STANDING else room):
            left.append(piece)
            continue
        kept.append(piece)
        said.tell(piece)
        opened.update(headings)
        room -= cost
        for_standing -= cost if piece.part is Part.STANDING else 0
    while True:
        text = writer.whole(kept)
        tokens = tokenizer.count(text)
        if tokens <= budget:
            return Packed(tuple(kept), tuple(left), text, tokens)
        left.append(kept.pop())


def fitted(
    wanted: Sequence[Piece],
    render: Callable[[Sequence[Piece]], str],
    tokenizer: CountsTokens,
    budget: int,
) -> Packed:
    """Return as many of ``wanted`` as fit once they are rendered, the earlier ones first.

    What a piece costs within somebody's template is not known, so the whole text is counted, for
    ever smaller steps.

    Raises:
        TooMuch: the text does not fit even without any piece.
    """
    texts = dict[int, tuple[str, int]]()

    def tokens_of(count: int) -> int:
        text = render(wanted[:count])
        texts[count] = text, tokenizer.count(text)
        return texts[count][1]

    least, most = 0, len(wanted)
    if (empty := tokens_of(0)) > budget:
        raise TooMuch(
            f"The template alone takes {empty} tokens and tokenBudget is {budget}. "
            "Raise the budget, or shorten the template."
        )
    while least < most:
        middle = (least + most + 1) // 2
        if tokens_of(middle) <= budget:
            least = middle
        else:
            most = middle - 1
    return Packed(tuple(wanted[:least]), tuple(wanted[least:]), *texts[least])
