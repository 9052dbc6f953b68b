"""A question to recall, and the limits that it must keep."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.memory import checks
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope
from mnemos_graph.memory.selection import EVERYTHING, MemoryQuery

LONGEST_QUERY = 4_096
"""UTF-8 bytes."""
MOST_HITS = 100
MOST_HOPS = 3


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
    query: MemoryQuery = EVERYTHING
    """What the memories must be like."""
    limit: int = 10
    strategy: Strategy = Strategy.HYBRID
    hops: int = 1
    """How far facts are followed from the entities that the question names."""
    min_score: float | None = None


def checked(question: Question) -> Question:
    """Return ``question`` if it can be answered.

    Raises:
        BadInput: the text is empty, or limit, hops or minScore is below what makes sense.
        TooMuch: the text, limit or hops is beyond what is allowed.
    """
    checks.text("query", question.text, LONGEST_QUERY)
    _count("limit", question.limit, 1, MOST_HITS)
    _count("hops", question.hops, 0, MOST_HOPS)
    if question.min_score is not None:
        checks.share("minScore", question.min_score)
    return question


def _count(name: str, value: int, least: int, most: int) -> None:
    if value < least:
        raise BadInput(f"{name} is {value}; it must be from {least} to {most}.")
    if value > most:
        raise TooMuch(f"{name} is {value}; at most {most} is allowed.")
