"""Compares what was extracted from examples with what a careful reader would keep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mnemos_graph.language.extractor import CandidateFact, Extraction, Turn
from mnemos_graph.language.offline.extractor import read
from tests.graph.language.examples import Example, F

SAID = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
"""A Monday."""


@dataclass(frozen=True, slots=True)
class Score:
    right: int
    found: int
    expected: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 1.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f} ({self.right} of {self.found}), "
            f"recall {self.recall:.3f} ({self.right} of {self.expected})"
        )


def extract(example: Example) -> Extraction:
    turn = Turn(text=example.text, role=example.role, speaker=example.speaker, occurred_at=SAID)
    return read(turn)


def plain(fact: CandidateFact) -> F:
    target = fact.object.name if fact.object else fact.value or ""
    since, until = (f"{at:%Y-%m-%d}" if at else "" for at in (fact.valid_from, fact.valid_to))
    return F(fact.subject.name, fact.predicate, target, since, until, fact.ended)


def differences(example: Example) -> list[str]:
    """Return what is wrong with an example, a line each: + too much, - missing."""
    found = extract(example)
    pairs: list[tuple[Iterable[object], Iterable[object]]] = [
        ([memory.quote for memory in found.memories], example.keeps),
        ([plain(fact) for fact in found.facts], example.facts),
        (found.forget, example.forget),
    ]
    wrong = []
    for given, wanted in pairs:
        wrong += [f"+ {each}" for each in set(given) - set(wanted)]
        wrong += [f"- {each}" for each in set(wanted) - set(given)]
    return [f"{line}   in {example.text!r}" for line in wrong]


def score_memories(examples: Sequence[Example]) -> Score:
    return _score(
        ([memory.quote for memory in extract(each).memories], each.keeps) for each in examples
    )


def score_facts(examples: Sequence[Example]) -> Score:
    return _score(([plain(fact) for fact in extract(each).facts], each.facts) for each in examples)


def score_forgetting(examples: Sequence[Example]) -> Score:
    return _score((extract(each).forget, each.forget) for each in examples)


def _score(pairs: Iterable[tuple[Iterable[object], Iterable[object]]]) -> Score:
    right = found = expected = 0
    for given, wanted in pairs:
        right += len(set(given) & set(wanted))
        found += len(set(given))
        expected += len(set(wanted))
    return Score(right, found, expected)
