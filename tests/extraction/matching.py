"""When what is known is what was expected. README.md says it in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from mnemos_graph.model.words import fold

LONGEST = 40
"""Words of a memory that says something on its own; keeping whole messages is no way to score."""

E = TypeVar("E")
F = TypeVar("F")

_ARTICLE = re.compile(r"^(?:the|a|an|my|our) ")


@dataclass(frozen=True, slots=True)
class Words:
    """Words that a memory must have."""

    patterns: tuple[re.Pattern[str], ...]
    text: str

    @classmethod
    def written(cls, text: str) -> Words:
        return cls(tuple(map(_pattern, text.split())), text)

    def stand_in(self, text: str) -> bool:
        plain = fold(text)
        return len(plain.split()) <= LONGEST and all(each.search(plain) for each in self.patterns)

    def __str__(self) -> str:
        return self.text


class Known(NamedTuple):
    """A fact as it is known: names and days spelled out; empty where there is none."""

    subject: str
    predicate: str
    target: str
    since: str
    until: str
    told: str
    """The days on which the conversation was, which stand for no date."""

    def __str__(self) -> str:
        dates = f" / {self.since}..{self.until}" if self.since or self.until else ""
        return f"{self.subject} / {self.predicate} / {self.target}{dates}"


@dataclass(frozen=True, slots=True)
class Claim:
    """A fact that is expected, or its end; alternatives for each part."""

    subjects: tuple[str, ...]
    predicates: tuple[str, ...]
    targets: tuple[str, ...]
    days: tuple[str, ...]

    def is_stated_by(self, fact: Known) -> bool:
        if not self.days:
            return self._is_about(fact) and (not fact.since or fact.since in fact.told)
        return self._is_about(fact) and ("?" in self.days or fact.since in self.days)

    def is_ended_by(self, fact: Known) -> bool:
        return self._is_about(fact) and fact.until in self.days

    def _is_about(self, fact: Known) -> bool:
        return (
            fact.predicate in self.predicates
            and _bare(fact.subject) in map(_bare, self.subjects)
            and _bare(fact.target) in map(_bare, self.targets)
        )

    def __str__(self) -> str:
        parts = (self.subjects, self.predicates, self.targets, self.days)
        return " / ".join("|".join(part) for part in parts if part)


def paired(
    expected: Sequence[E], found: Sequence[F], fits: Callable[[E, F], bool]
) -> dict[int, int]:
    """Return which of ``found`` stands for which of ``expected``, each used once, as many as can be.

    By index; augmenting paths, so that the order in which they are written makes no difference.
    """
    taken: dict[int, int] = {}

    def place(n: int, seen: set[int]) -> bool:
        for m, each in enumerate(found):
            if m not in seen and fits(expected[n], each):
                seen.add(m)
                if m not in taken or place(taken[m], seen):
                    taken[m] = n
                    return True
        return False

    for n in range(len(expected)):
        place(n, set())
    return {n: m for m, n in taken.items()}


def _pattern(word: str) -> re.Pattern[str]:
    choices = []
    for each in word.split("|"):
        end = "" if each.endswith("*") else r"(?!\w)"
        choices.append(rf"(?<!\w){re.escape(fold(each.removesuffix('*')))}{end}")
    return re.compile("|".join(choices))


def _bare(name: str) -> str:
    return _ARTICLE.sub("", fold(name))
