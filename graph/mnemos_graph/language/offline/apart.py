"""A sentence that states several things which end at different times, as one sentence for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from mnemos_graph.language.extractor import CandidateFact
from mnemos_graph.language.relations import single_valued

Reads = Callable[[str], Sequence[CandidateFact]]

_VERB = r"(?:is|are|was|were|has|lives?|works?|loves?|likes?|stud(?:y|ies)|moved|started)"
_JOIN = re.compile(
    r"(?:,?\s+(?:and|but)\s+|\s*;\s+|,\s+(?=(?:I|we|my|our)\b))"
    rf"(?!(?:my|our)\b(?!.*?\b{_VERB}\b))"
)
_SUBJECT = re.compile(r"^(?:I|We|we|[A-Z]\w+)(?=['’ ])")
_OWN_SUBJECT = re.compile(r"^(?:I|[Ww]e|[Mm]y|[Oo]ur|[A-Z]\w+)\b")


class Piece(NamedTuple):
    quote: str
    """As it stands in the sentence."""
    text: str
    """With the subject that it shares with the piece before it."""
    facts: tuple[CandidateFact, ...]


def apart(sentence: str, stated: Sequence[CandidateFact], read: Reads) -> list[Piece]:
    """Return the sentence's pieces, or none where it is better left whole.

    It is taken apart where it states something that has one value at a time, each piece states
    something, and the pieces by themselves state just what the whole does: "I live in Oslo and
    work at Acme". So moving away does not end what was told of the work.
    """
    if len(stated) < 2 or not any(single_valued(each.predicate) for each in stated):
        return []
    quotes = [each.strip() for each in _JOIN.split(sentence)]
    pieces = [Piece(quote, text, tuple(read(text))) for quote, text in _whole(quotes)]
    told = [fact for piece in pieces for fact in piece.facts]
    if len(pieces) < 2 or len(set(quotes)) < len(quotes) or not all(p.facts for p in pieces):
        return []
    if _unquoted(told) != _unquoted(stated):
        return []
    return [
        piece._replace(facts=tuple(replace(fact, quote=piece.quote) for fact in piece.facts))
        for piece in pieces
    ]


def _whole(quotes: Iterable[str]) -> Iterable[tuple[str, str]]:
    subject = ""
    for quote in quotes:
        if own := _SUBJECT.match(quote):
            subject = own.group()
        has_own = bool(_OWN_SUBJECT.match(quote)) or not subject
        yield quote, quote if has_own else f"{subject} {quote}"


def _unquoted(facts: Iterable[CandidateFact]) -> set[CandidateFact]:
    return {replace(fact, quote="") for fact in facts}
