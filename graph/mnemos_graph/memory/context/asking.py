"""What is asked of a context, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.index.comparing import Signal
from mnemos_graph.memory.context.writing import ContextFormat
from mnemos_graph.memory.recall.asking import MOST_HITS, Question
from mnemos_graph.memory.recall.recall import Hit
from mnemos_graph.memory.scopes import ANYWHERE, ReadScope
from mnemos_graph.memory.selection import EVERYTHING, MemoryQuery
from mnemos_graph.model import Block, Fact, Position

LARGEST_BUDGET = 32_000
"""Tokens."""
_SMALLEST_MEMORY = 4
"""Tokens below which no memory is written down: so many hits are never needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextQuestion:
    text: str
    scope: ReadScope = ANYWHERE
    query: MemoryQuery = EVERYTHING
    token_budget: int = 1_000
    form: ContextFormat = ContextFormat.MARKDOWN
    include_blocks: bool = True
    include_facts: bool = True
    since: Position | None = None
    """Tell only what changed after this position; None: all that is known."""
    template: str | None = None
    """The name of the template by which it is written; None: as its format is."""

    def recalling(self) -> Question:
        """Return what is to be recalled for it."""
        enough = max(1, self.token_budget // _SMALLEST_MEMORY)
        return Question(
            text=self.text, scope=self.scope, query=self.query, limit=min(MOST_HITS, enough)
        )


def checked(question: ContextQuestion) -> ContextQuestion:
    """Return ``question`` if it can be answered.

    Raises:
        BadInput: the budget is negative, or what changed until now is asked as of the past.
        TooMuch: the budget is above 32,000 tokens.
    """
    budget = question.token_budget
    if budget < 0:
        raise BadInput(f"tokenBudget is {budget}; it must be from 0 to {LARGEST_BUDGET}.")
    if budget > LARGEST_BUDGET:
        raise TooMuch(f"tokenBudget is {budget}; at most {LARGEST_BUDGET} is allowed.")
    if question.since is not None and question.query.known_at is not None:
        raise BadInput("since asks what changed until now, so knownAt cannot be given with it.")
    return question


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    text: str
    tokens: int
    """Never more than the budget."""
    tokenizer: str
    hits: tuple[Hit, ...]
    """Those whose memories are in the text, the most relevant first."""
    facts: tuple[Fact, ...]
    blocks: tuple[Block, ...]
    omitted: int
    """How many of the memories that were found the budget left out."""
    position: Position
    degraded: tuple[Signal, ...]
