"""What a context has said already, so that nothing is said twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations

from mnemos_graph.index.question import STOP_WORDS
from mnemos_graph.language.similarity import agree
from mnemos_graph.memory.context.pieces import Piece
from mnemos_graph.model import Fact, Memory, Origin, RecordId
from mnemos_graph.model.words import fingerprint, fold, words

NEAR = 0.95
"""The cosine from which two memories that agree say the same."""
_SHARED = 0.4
"""Of the words of two texts; with fewer in common their vectors are never that close."""
_SAME_WORDS = 0.9
"""Of the words, from which two memories that agree say the same whatever their vectors are."""

Pair = frozenset[RecordId]


class Said:
    """Grows with what is told."""

    def __init__(self, twins: Collection[Pair] = ()) -> None:
        """``twins``: pairs of memories that say nearly the same."""
        self._twins: dict[RecordId, set[RecordId]] = {}
        for one, other in twins:
            self._twins.setdefault(one, set()).add(other)
            self._twins.setdefault(other, set()).add(one)
        self._ids: set[RecordId] = set()
        self._texts: set[tuple[str, str]] = set()
        self._facts: dict[RecordId, str] = {}
        self._carried: set[RecordId] = set()

    def already(self, piece: Piece) -> bool:
        """Return whether what was told until now says what ``piece`` does."""
        record = piece.what
        if self._heard(piece):
            return True
        if isinstance(record, Fact):
            return record.id in self._facts or record.id in self._carried
        return isinstance(record, Memory) and (
            record.id in self._ids
            or not self._ids.isdisjoint(self._twins.get(record.id, ()))
            or self._says_only_facts(record)
        )

    def tell(self, piece: Piece) -> None:
        record = piece.what
        self._texts.add((_speaker(piece), fingerprint(piece.text)))
        if isinstance(record, Fact):
            self._facts[record.id] = record.statement
        elif isinstance(record, Memory):
            self._ids.add(record.id)
            self._carried |= set(record.fact_ids)

    def _heard(self, piece: Piece) -> bool:
        """Return whether the same words were told, by the same speaker or by nobody in particular."""
        if not piece.text:
            return False
        mark = fingerprint(piece.text)
        return not self._texts.isdisjoint({("", mark), (_speaker(piece), mark)})

    def _says_only_facts(self, memory: Memory) -> bool:
        """Return whether an inferred memory adds no word to its facts, which are all told."""
        if memory.origin is not Origin.INFERRED or not memory.fact_ids:
            return False
        if not all(id_ in self._facts for id_ in memory.fact_ids):
            return False
        known = set(words(" ".join(self._facts[id_] for id_ in memory.fact_ids)))
        return set(words(memory.told)) <= known | _FILLERS


def suspects(memories: Sequence[Memory]) -> tuple[list[Pair], list[Pair]]:
    """Return pairs that say the same by their words, and pairs whose vectors would tell."""
    places: dict[str, int] = {}
    held = [(each, _bits(words(each.told), places)) for each in memories]
    sure, unsure = list[Pair](), list[Pair]()
    for (one, mine), (other, theirs) in combinations(held, 2):
        shared = (mine & theirs).bit_count()
        if not shared or shared < _SHARED * (both := (mine | theirs).bit_count()):
            continue
        if one.speaker == other.speaker and agree(one.told, other.told):
            (sure if shared >= _SAME_WORDS * both else unsure).append(frozenset({one.id, other.id}))
    return sure, unsure


def _bits(found: Sequence[str], places: dict[str, int]) -> int:
    """Return a set of words as the bits of a number, for thousands of pairs are compared."""
    bits = 0
    for word in found:
        bits |= 1 << places.setdefault(word, len(places))
    return bits


def _speaker(piece: Piece) -> str:
    record = piece.what
    return fold(record.speaker) if isinstance(record, Memory) and record.speaker else ""


_FILLERS = STOP_WORDS | frozenset(words("the user now"))
