"""A question to recall, and the limits that it must keep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.memory import checks
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope, WeightedScope
from mnemos_graph.memory.selection import EVERYTHING, MemoryQuery
from mnemos_graph.model import RecordId

LONGEST_QUERY = 4_096
"""UTF-8 bytes."""
MOST_HITS = 100
MOST_HOPS = 3
MOST_SCOPES = 16
GREATEST_WEIGHT = 100.0


class Strategy(StrEnum):
    """What a memory is found by."""

    HYBRID = "hybrid"
    VECTOR = "vector"
    TEXT = "text"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    text: str
    scope: ReadScope = ANYWHERE
    scopes: Sequence[WeightedScope] | None = None
    """Several scopes, in place of ``scope``; what is in two of them counts as in the heavier."""
    query: MemoryQuery = EVERYTHING
    """What the memories must be like."""
    limit: int = 10
    strategy: Strategy = Strategy.HYBRID
    hops: int = 1
    """How far facts are followed from the entities that the question names."""
    min_score: float | None = None
    among: frozenset[RecordId] | None = None
    """Only these are answered, scored against all that is asked; None: whatever is best."""

    @property
    def within(self) -> tuple[WeightedScope, ...]:
        """Where it is asked: one scope, or several."""
        return (WeightedScope(self.scope),) if self.scopes is None else tuple(self.scopes)


def checked(question: Question) -> Question:
    """Return ``question`` if it can be answered.

    Raises:
        BadInput: the text is empty, limit, hops or minScore is below what makes sense, or the
            scopes are none, stand beside a scope, or have a weight that is not above 0.
        TooMuch: the text, limit, hops, a weight or the number of scopes is beyond what is allowed.
    """
    checks.text("query", question.text, LONGEST_QUERY)
    _count("limit", question.limit, 1, MOST_HITS)
    _count("hops", question.hops, 0, MOST_HOPS)
    if question.min_score is not None:
        checks.share("minScore", question.min_score)
    if question.scopes is not None:
        _scopes(question.scopes, beside=question.scope)
    return question


def _scopes(scopes: Sequence[WeightedScope], *, beside: ReadScope) -> None:
    if beside != ANYWHERE:
        raise BadInput("Give scope or scopes, not both: scopes has all that are asked.")
    if not scopes:
        raise BadInput("scopes is empty. Name at least one, or leave it out to search everywhere.")
    if len(scopes) > MOST_SCOPES:
        raise TooMuch(f"There are {len(scopes)} scopes; at most {MOST_SCOPES} are allowed.")
    for each in scopes:
        if not math.isfinite(each.weight) or each.weight <= 0:
            raise BadInput(f"A weight is {each.weight}; it must be a number above 0.")
        if each.weight > GREATEST_WEIGHT:
            raise TooMuch(f"A weight is {each.weight}; at most {GREATEST_WEIGHT:g} is allowed.")


def _count(name: str, value: int, least: int, most: int) -> None:
    if value < least:
        raise BadInput(f"{name} is {value}; it must be from {least} to {most}.")
    if value > most:
        raise TooMuch(f"{name} is {value}; at most {most} is allowed.")
