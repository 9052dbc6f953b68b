"""What somebody is given who says in a few sentences what is known of one entity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

LONGEST = 600
"""Characters of a summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """An entity, and what holds of it."""

    name: str
    kind: str
    statements: Sequence[str]
    """The most lasting first."""


class Summarizer(Protocol):
    @property
    def name(self) -> str:
        """Names what writes the summaries, so that what another one wrote is written anew."""
        ...

    async def summarize(self, about: About) -> str:
        """Return a text of at most 600 characters that says nothing but what was stated.

        Raises:
            MnemosError: it cannot, now or ever.
        """
        ...


class JoinsStatements:
    """Says what was stated, as much of it as there is room for."""

    name = "rules"

    async def summarize(self, about: About) -> str:
        said: list[str] = []
        length = 0
        for statement in about.statements:
            sentence = statement.rstrip(". ") + "."
            if length + len(sentence) > LONGEST:
                continue
            said.append(sentence)
            length += len(sentence) + 1
        return " ".join(said)
